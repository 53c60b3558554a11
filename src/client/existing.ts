/**
 * Whether a finished file is the one that its sources serve. No note is kept beside finished files, so the file itself
 * must tell: by the digest that was given; else by its length and either the time that the source gives (set by
 * `remoteTime`) or samples of its ends and two places in between, fetched and compared.
 */
import { type FileHandle, open, readlink, stat } from 'node:fs/promises';

import type { Random } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { read } from '../engine/reader.ts';
import type { FileFacts, Sources } from '../engine/sources.ts';
import { parseHttpDate } from '../http/http-date.ts';
import { isMissing, storeFailure } from '../store/failure.ts';
import { MemoryStore } from '../store/memory.ts';

/** A finished file as it lies there. `modified` in milliseconds since 1970. */
export interface FoundFile {
  readonly path: string;
  readonly length: number;
  readonly modified: number;
  /** Neither a directory nor a device, nor a link that leads nowhere. */
  readonly ordinary: boolean;
  /** Where a link leads that leads nowhere. */
  readonly nowhere?: string;
}

const sample = 16 * 1024;

/** The file at `path`; undefined where nothing is. */
export const findFile = async (path: string): Promise<FoundFile | undefined> => {
  try {
    const facts = await stat(path);
    return { path, length: facts.size, modified: facts.mtimeMs, ordinary: facts.isFile() };
  } catch (error) {
    if (!isMissing(error)) throw storeFailure(error, 'look at', path);
    const nowhere = await readlink(path).catch(() => undefined);
    return nowhere === undefined ? undefined : { path, length: 0, modified: 0, ordinary: false, nowhere };
  }
};

/** Whether `found` has the time that the source gives, which only somebody who copied it can have set. */
export const hasTime = (found: FoundFile, facts: FileFacts, wall: number): boolean => {
  const modified = facts.lastModified === undefined ? undefined : parseHttpDate(facts.lastModified, wall);
  return modified !== undefined && Math.floor(found.modified / 1000) === Math.floor(modified / 1000);
};

/** Ranges of a file of `length` bytes that stand for all of it: the ends and two places in between; a small file as a whole. */
export const samplesOf = (length: number, random: Random): readonly Range[] => {
  if (length <= 4 * sample) return length === 0 ? [] : [{ start: 0, end: length }];
  const inner = length - 4 * sample;
  const [first = 0, second = 0] = [random(), random()].map((share) => Math.floor(share * (inner + 1))).sort((a, b) => a - b);
  return [0, sample + first, 2 * sample + second, length - sample].map((start) => ({ start, end: start + sample }));
};

/** Whether the bytes of `region` at the sources are those of `found`, as far as samples tell; all are compared where there are no ranges. */
export const sameBytes = async (found: FoundFile, sources: Sources, region: Range, signal: AbortSignal): Promise<boolean> => {
  const { ranges } = sources.facts;
  const places = ranges ? samplesOf(sizeOf(region), sources.ports.random) : [{ start: 0, end: sizeOf(region) }];
  const handle = await open(found.path, 'r').catch((error: unknown) => {
    throw storeFailure(error, 'read', found.path);
  });
  try {
    for (const place of places) if (!(await sameAt(handle, place, sources, region.start, signal))) return false;
    return true;
  } finally {
    await handle.close();
  }
};

const sameAt = async (handle: FileHandle, place: Range, sources: Sources, origin: number, signal: AbortSignal): Promise<boolean> => {
  const window = Math.min(Math.max(1, sizeOf(place)), 1024 * 1024);
  const store = new MemoryStore(window);
  const range = { start: place.start + origin, end: place.end + origin };
  store.advance(range.start);
  let offset = place.start;
  try {
    for await (const chunk of read(sources, store, { range, window }, signal)) {
      const there = chunk.bytes;
      const here = Buffer.alloc(there.length);
      const { bytesRead } = await handle.read(here, 0, here.length, offset);
      const same = bytesRead === there.length && here.equals(there);
      offset += there.length;
      chunk.release();
      if (!same) return false;
    }
    return true;
  } finally {
    await store.close();
  }
};
