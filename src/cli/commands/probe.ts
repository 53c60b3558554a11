import { readCommandLine } from '../command-line.ts';
import type { World } from '../program.ts';

/** `hydrant probe`: resolves with the exit code, the worst of all files'. */
export const probe = async (argv: readonly string[], world: World): Promise<number> => {
  const asked = await readCommandLine('probe', argv, world);
  if (asked === undefined) return 0;
  const { sayAnswers } = await import('../answers.ts');
  return sayAnswers(asked.files, asked.options, world);
};
