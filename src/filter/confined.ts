/** Paths that a client names, held below one directory whatever `..` and symbolic links say. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';

import { HydrantError, toHydrantError } from '../core/errors.ts';

/** A directory that is there now. `undo` takes away what had to be made for it, as far as it is still empty. */
export interface MadeDirectory {
  readonly path: string;
  undo(): Promise<void>;
}

/** The code of a failure of the file system, such as ENOENT. */
export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

const nowhere: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

const isBelow = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

const outside = (what: string, path: string): HydrantError =>
  new HydrantError('OPTION_INVALID', `${what} ${JSON.stringify(path)} is not below the directory for files`);

/** Before anything is looked at, so that no answer tells what lies elsewhere. */
const refuseOutside = (root: string, path: string, what: string): void => {
  if (path.includes('\0') || !isBelow(root, resolve(root, path))) throw outside(what, path);
};

/** The path where links lead, or undefined where nothing is. */
const realOf = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path);
  } catch (error) {
    if (nowhere.has(codeOf(error))) return undefined;
    throw error;
  }
};

const checked = async (root: string, path: string, what: string): Promise<string> => {
  const real = await realOf(resolve(root, path));
  if (real !== undefined && !isBelow(root, real)) throw outside(what, path);
  if (real === undefined) throw new HydrantError('OPTION_INVALID', `${what} ${JSON.stringify(path)} is not there`);
  return real;
};

/** `root` where links lead. Rejects with STORE_FAILED where it is not there. */
export const realRoot = async (root: string): Promise<string> => {
  try {
    return await realpath(root);
  } catch (error) {
    throw toHydrantError(error, 'STORE_FAILED');
  }
};

/** The file at `path`, opened for reading. `root` is real. Rejects with OPTION_INVALID where it lies elsewhere, or is no plain file. */
export const openBelow = async (
  root: string,
  path: string,
  what: string,
): Promise<{ readonly path: string; readonly handle: FileHandle }> => {
  refuseOutside(root, path, what);
  let handle: FileHandle | undefined;
  try {
    const real = await checked(root, path, what);
    // Whoever puts a link or a pipe there in between gets an error.
    handle = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if (!(await handle.stat()).isFile()) throw new HydrantError('OPTION_INVALID', `${what} ${JSON.stringify(path)} is no file`);
    return { path: real, handle };
  } catch (error) {
    await handle?.close();
    throw toHydrantError(error, 'STORE_FAILED');
  }
};

/** The directory at `path`, made where it isn't there. `root` is real. Rejects with OPTION_INVALID where it lies elsewhere. */
export const makeBelow = async (root: string, path: string, what: string): Promise<MadeDirectory> => {
  refuseOutside(root, path, what);
  const made: string[] = [];
  const undo = async (): Promise<void> => {
    for (const directory of made.toReversed()) await rmdir(directory).catch(() => {});
  };
  try {
    const missing: string[] = [];
    let there = resolve(root, path);
    let real = await realOf(there);
    while (real === undefined) {
      missing.push(basename(there));
      there = dirname(there);
      real = await realOf(there);
    }
    if (!isBelow(root, real)) throw outside(what, path);
    if (!(await stat(real)).isDirectory()) throw new HydrantError('OPTION_INVALID', `${what} ${JSON.stringify(path)} is no directory`);
    for (const name of missing.toReversed()) {
      real = resolve(real, name);
      await mkdir(real);
      made.push(real);
    }
    // A link that took the place of a directory in between shows here.
    if ((await realpath(real)) !== real) throw outside(what, path);
    return { path: real, undo };
  } catch (error) {
    await undo();
    throw toHydrantError(error, 'STORE_FAILED');
  }
};
