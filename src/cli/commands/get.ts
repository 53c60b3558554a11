import { invalid } from '../../core/option-value.ts';
import { readCommandLine } from '../command-line.ts';
import type { World } from '../program.ts';
import { refuseStdout } from '../stdout-guard.ts';

/** `hydrant get`: resolves with the exit code, the worst of all files'. */
export const get = async (argv: readonly string[], world: World): Promise<number> => {
  const asked = await readCommandLine('get', argv, world);
  if (asked === undefined) return 0;
  const { options, files } = asked;
  if (options.dryRun) return (await import('../dry-run.ts')).dryRun(files, options, world);
  const { toDisk, toStdout } = await import('../deliver.ts');
  if (options.output !== '-') return toDisk(files, options, options, world);
  if (options.onDone !== undefined) throw invalid('--on-done', 'is told of files, and --output - makes none');
  refuseStdout('pipe it into a program, or give another --output');
  return toStdout(files, options, options, world);
};
