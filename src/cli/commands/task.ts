import { readOptions } from '../command-line.ts';
import type { World } from '../program.ts';

/** `hydrant task`: resolves with the exit code. */
export const task = async (argv: readonly string[], world: World): Promise<number> => {
  const said = await readOptions('task', argv, world);
  if (said === undefined) return 0;
  return 2;
};
