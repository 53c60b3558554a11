import { sizeOf } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';
import { blockCount, blockSize } from './blocks.ts';
import type { EntryFacts } from './entry-facts.ts';

/** What is held of a representation, for people. */
export interface EntryStats {
  readonly facts: EntryFacts;
  /** Bytes that count for good. */
  readonly cached: number;
  readonly blocks: number;
  readonly blocksCached: number;
  /** Percent for each of at most 128 even parts, in order; none while the length isn't known. */
  readonly map: readonly number[];
}

const buckets = 128;

const mapOf = (whole: RangeSet, count: number): number[] => {
  const parts = Math.min(count, buckets);
  return Array.from({ length: parts }, (_, index) => {
    const part = { start: Math.floor((index * count) / parts), end: Math.floor(((index + 1) * count) / parts) };
    const done = [...whole.within(part)].reduce((sum, range) => sum + sizeOf(range), 0);
    return Math.floor((100 * done) / sizeOf(part));
  });
};

/** What is held of a representation of which the blocks with the numbers `whole` are there. */
export const statsOf = (facts: EntryFacts, whole: RangeSet): EntryStats => {
  const blocks = blockCount(facts.length);
  const short = blocks > 0 && whole.covers({ start: blocks - 1, end: blocks }) ? blocks * blockSize - (facts.length ?? 0) : 0;
  return { facts, cached: whole.size * blockSize - short, blocks, blocksCached: whole.size, map: mapOf(whole, blocks) };
};
