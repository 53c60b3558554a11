import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { HydrantError } from '../core/errors.ts';
import { syncFolder } from './atomic-file.ts';
import { type Note, readJournal } from './journal.ts';

/** The files beside a download that isn't finished: its bytes, their journal, and the lock on both. */
export interface PartialPaths {
  readonly part: string;
  readonly journal: string;
  readonly lock: string;
}

/** Bytes that most filesystems give a name, less what is put behind it while work is on: `.part.lock.` and a sum. */
const longestName = 255 - 28;

/** Where the unfinished download of `path` lies: beside it, since only then the last rename is atomic. */
export const partialPaths = (path: string): PartialPaths => {
  const name = basename(path);
  let short = name;
  if (Buffer.byteLength(name) > longestName) {
    const sum = createHash('sha256').update(name).digest('hex').slice(0, 8);
    // Cut as bytes, then without the character that the cut went through.
    short = `${Buffer.from(name)
      .subarray(0, longestName - 9)
      .toString()
      .replace(/\uFFFD+$/, '')}~${sum}`;
  }
  const part = join(dirname(path), `${short}.part`);
  return { part, journal: `${part}.json`, lock: `${part}.lock` };
};

/** What the journal says, as far as the partial file can hold it; undefined where there is none. */
export const recall = async (paths: PartialPaths): Promise<Note | undefined> => {
  const note = await readJournal(paths.journal);
  if (note === undefined) return undefined;
  const found = await stat(paths.part).catch(() => undefined);
  // With a second name it is a finished file, killed on the way from one name to the other: not to be written to.
  const size = found === undefined || found.nlink > 1 ? 0 : found.size;
  for (const set of Object.values(note.safe)) set.remove({ start: size, end: Number.POSITIVE_INFINITY });
  return note;
};

/** Opens the partial file for reading and writing, making it where it is missing. Rejects with the system's error. */
export const openPart = async (path: string): Promise<FileHandle> => {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() && found.nlink > 1) await rm(path);
  // A symbolic link lying there might lead to anybody's file.
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error('not a regular file');
};

const withoutLinks = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/** Gives `part` a second name; false on a filesystem that has no such thing. */
const linked = async (part: string, path: string): Promise<boolean> => {
  try {
    await link(part, path);
    return true;
  } catch (error) {
    if (withoutLinks.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
};

/** Gives the file `part` its name `path`, never instead of another file unless `replace`: STORE_FAILED where it is taken. Rejects with the system's error otherwise. */
export const publish = async (part: string, path: string, replace: boolean): Promise<void> => {
  try {
    if (replace) {
      await rename(part, path);
    } else if (await linked(part, path)) {
      await rm(part);
    } else {
      // Take the name with an empty file, which the rename then replaces.
      await (await open(path, 'wx')).close();
      await rename(part, path);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new HydrantError('STORE_FAILED', `${path} has appeared meanwhile and is left alone; what came is kept as ${part}`, {
      cause: error,
    });
  }
  await syncFolder(dirname(path));
};

const mebibytes = (size: number): string => `${(size / 1_048_576).toFixed(1)} MiB`;

/** Rejects with DISK_FULL where the folder of `path` hasn't room for `length` bytes, what `path` takes up already counted. */
export const checkSpace = async (path: string, length: number): Promise<void> => {
  const taken = await stat(path).then(
    (facts) => facts.blocks * 512,
    () => 0,
  );
  const needed = length - taken;
  const folder = await statfs(dirname(path));
  const free = folder.bavail * folder.bsize;
  // Some filesystems don't say: no blocks at all isn't the same as none free.
  if (folder.blocks === 0 || needed <= free) return;
  throw new HydrantError('DISK_FULL', `not enough room in ${dirname(path)}: ${mebibytes(needed)} needed, ${mebibytes(free)} free`);
};
