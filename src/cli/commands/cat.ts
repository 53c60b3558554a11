import { isatty } from 'node:tty';

import { readCommandLine } from '../command-line.ts';
import type { World } from '../program.ts';
import { refuseStdout } from '../stdout-guard.ts';

/** `hydrant cat`: resolves with the exit code. */
export const cat = async (argv: readonly string[], world: World): Promise<number> => {
  const asked = await readCommandLine('cat', argv, world);
  if (asked === undefined) return 0;
  if (!asked.options.force) refuseStdout('pipe it into a program, write it to a file with >, or say --force');
  const { toStdout } = await import('../deliver.ts');
  // On a terminal the progress would be drawn over the bytes.
  const progress = asked.options.progress && !isatty(1);
  return toStdout(asked.files, asked.options, { ...asked.options, progress }, world);
};
