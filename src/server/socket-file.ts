import { lstatSync, rmSync, type Stats } from 'node:fs';
import { connect } from 'node:net';

import { HydrantError } from '../core/errors.ts';

/**
 * Removes the socket file `path` that a server left behind when it was killed. Throws OPTION_INVALID where one still
 * listens there, or where something else has that name.
 */
export const clearSocketFile = async (path: string): Promise<void> => {
  const refuse = (why: string): HydrantError => new HydrantError('OPTION_INVALID', `--bind unix:${path}: ${why}`);
  const stats = statsOf(path);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw refuse('there is a file of that name that is no socket');
  if (await answers(path)) throw refuse('a server listens there already');
  rmSync(path, { force: true });
};

const statsOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path);
  } catch {
    // What keeps it from being seen keeps it from being made, and is told then.
    return undefined;
  }
};

/** Whether somebody listens at `path`: all but a refusal counts, so that no socket is taken away that may be in use. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
