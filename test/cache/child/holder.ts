/* Opens the cache in the folder that is its argument, says so, and holds it until its input ends. */
import { Cache } from '../../../src/cache/cache.ts';

const cache = await Cache.open(process.argv[2] ?? '');
process.stdout.write('open\n');
process.stdin.resume().on('end', () => void cache.close());
