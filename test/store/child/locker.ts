/* Tries to take the lock file that is its argument, says how that went, and holds it until its input ends. */
import { lock } from '../../../src/store/lock.ts';

const taken = await lock(process.argv[2] ?? '');
process.stdout.write(typeof taken === 'function' ? 'taken\n' : `held by ${taken.pid}\n`);
if (typeof taken === 'function') {
  process.stdin.resume().on('end', () => void taken());
}
