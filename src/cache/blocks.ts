import type { Range } from '../core/range.ts';

/** Bytes in a block, the unit in which a stored representation counts. The last one may be shorter. */
export const blockSize = 1_048_576;

/** The bytes of block `block` in a file of `length`. */
export const blockRange = (block: number, length: number): Range => ({
  start: block * blockSize,
  end: Math.min(length, (block + 1) * blockSize),
});

/** How many blocks `length` bytes are; none while that isn't known. */
export const blockCount = (length: number | undefined): number =>
  length === undefined || !Number.isFinite(length) ? 0 : Math.ceil(length / blockSize);

/** The blocks that `range` touches, as a half-open range of their numbers. */
export const blocksOf = (range: Range): Range =>
  range.start < range.end ? { start: Math.floor(range.start / blockSize), end: Math.ceil(range.end / blockSize) } : { start: 0, end: 0 };
