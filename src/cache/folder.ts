import { statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { guarded } from '../store/failure.ts';
import { entryPaths } from './entry-files.ts';

const keyForm = /^[0-9a-f]{24}$/;
/** Entries looked at in one go: some 2 ms. */
const together = 100;
const goneName = '.gone';

/** An entry that lies in the cache. */
export interface Found {
  readonly key: string;
  /** Bytes that it takes up on the disk. */
  readonly size: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** Whether `key` can name an entry. */
export const isKey = (key: string): boolean => keyForm.test(key);

/** Bytes that the entry in `folder` takes up on the disk; 0 where there is none. */
export const sizeOnDisk = (folder: string): Promise<number> =>
  stat(entryPaths(folder).data).then(
    ({ size, blocks }) => Math.min(size, blocks * 512),
    () => 0,
  );

/** How large the disk of `folder` is, and how much of it is free, in bytes; endless where it doesn't say. */
export const diskOf = async (folder: string): Promise<{ readonly size: number; readonly free: number }> => {
  const { bsize, blocks, bavail } = await statfs(folder);
  return blocks === 0 ? { size: Number.POSITIVE_INFINITY, free: Number.POSITIVE_INFINITY } : { size: blocks * bsize, free: bavail * bsize };
};

/** Where entries go to be removed: a kill meanwhile leaves none of them half. */
const goneIn = (folder: string): string => join(folder, goneName);

let moved = 0;

/** A path to which an entry can be moved that is to be removed. */
export const gonePath = async (folder: string): Promise<string> => {
  await guarded('create', goneIn(folder), () => mkdir(goneIn(folder), { recursive: true, mode: 0o700 }));
  return join(goneIn(folder), `${Date.now()}.${moved++}`);
};

/** Removes the entry `key` of the cache in `folder`, or whatever has its name. */
export const removeEntry = async (folder: string, key: string): Promise<void> => {
  const gone = await gonePath(folder);
  await guarded('remove', join(folder, key), async () => {
    await rename(join(folder, key), gone);
    await rm(gone, { recursive: true, force: true });
  });
};

/** Removes what was being removed when an earlier process ended. */
export const removeGone = (folder: string): Promise<void> =>
  guarded('remove', goneIn(folder), () => rm(goneIn(folder), { recursive: true, force: true }));

/** The entries in `folder`, by two looks at each; what has an entry's name and is none is removed. Other names are left alone. */
export const findEntries = async (folder: string): Promise<Found[]> => {
  const found: Found[] = [];
  const names = (await guarded('read', folder, () => readdir(folder))).filter(isKey);
  for (const [index, key] of names.entries()) {
    if (index % together === together - 1) await turn();
    const paths = entryPaths(join(folder, key));
    try {
      // One after the other and at once: 10,000 entries take a fifth of the time that promises do.
      const facts = statSync(paths.facts);
      const data = statSync(paths.data);
      found.push({ key, size: Math.min(data.size, data.blocks * 512), usedAt: facts.mtimeMs });
    } catch {
      await removeEntry(folder, key).catch(() => undefined);
    }
  }
  return found;
};
