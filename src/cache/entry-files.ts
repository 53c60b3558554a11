import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { RangeSet } from '../core/range-set.ts';
import { writeAtomically } from '../store/atomic-file.ts';
import { guarded, isMissing } from '../store/failure.ts';
import { readMap } from './block-map.ts';
import { blockCount, blockRange } from './blocks.ts';
import { factsText, type KeptFacts, parseFacts } from './entry-facts.ts';
import { type EntryStats, statsOf } from './stats.ts';

/** A facts file longer than this is not ours. */
const longestFacts = 1_048_576;

/** The files of an entry in its folder: bytes, block map, facts. */
export const entryPaths = (folder: string) => ({ data: join(folder, 'data'), map: join(folder, 'map'), facts: join(folder, 'facts.json') });

/** Opens what only this program writes, making it where it is missing; a link that lies there leads nowhere. */
const openOwn = (path: string): Promise<FileHandle> =>
  guarded('open', path, async () => {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new Error('not a regular file');
  });

/** The files of an entry, open. */
export interface EntryFiles {
  readonly data: FileHandle;
  readonly map: FileHandle;
}

/** Opens the files of the entry in `folder`, making what is missing. Rejects with STORE_FAILED or DISK_FULL. */
export const openFiles = async (folder: string): Promise<EntryFiles> => {
  await guarded('create', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const paths = entryPaths(folder);
  const data = await openOwn(paths.data);
  try {
    return { data, map: await openOwn(paths.map) };
  } catch (error) {
    await data.close();
    throw error;
  }
};

/** The facts kept in `folder`; undefined where there are none that can be believed. */
export const readFacts = async (folder: string): Promise<KeptFacts | undefined> => {
  const { facts: path } = entryPaths(folder);
  try {
    if ((await stat(path)).size > longestFacts) return undefined;
    return parseFacts(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
};

/** Replaces the facts in `folder`. Not synced: what a power cut makes of them, their sum and the map's checks find. */
export const writeFacts = (folder: string, kept: KeptFacts): Promise<void> => {
  const { facts: path } = entryPaths(folder);
  return guarded('write', path, () => writeAtomically(path, factsText(kept), { mode: 0o600, draft: `${path}.new`, durable: false }));
};

/** The sums of the blocks that an earlier use left whole, as far as the data file is long enough to have them. */
export const wholeBlocks = async (files: EntryFiles, { facts, generation }: KeptFacts): Promise<Map<number, number>> => {
  const { length = 0 } = facts;
  const sums = await readMap(files.map, generation, blockCount(length));
  const { size } = await files.data.stat();
  for (const block of sums.keys()) if (blockRange(block, length).end > size) sums.delete(block);
  return sums;
};

/** What the entry in `folder`, which nobody has open, holds; undefined where there is none. Never rejects: what can't be read isn't there. */
export const peekEntry = async (folder: string): Promise<EntryStats | undefined> => {
  try {
    const kept = await readFacts(folder);
    if (kept === undefined) return undefined;
    const handle = await open(entryPaths(folder).map, 'r');
    try {
      const sums = await readMap(handle, kept.generation, blockCount(kept.facts.length));
      return statsOf(kept.facts, new RangeSet([...sums.keys()].map((block) => ({ start: block, end: block + 1 }))));
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
};
