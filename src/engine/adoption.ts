import type { Range } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';
import type { Lease } from './lease.ts';
import type { Opening } from './sources.ts';

/** Where in the file the body of `opening` lies. */
export const bodyOf = ({ answer, range }: Opening, extent: Range): Range => {
  if (answer.kind === 'whole') return extent;
  const part = answer.kind === 'part' ? answer.range : range;
  return { start: extent.start + part.start, end: Math.min(extent.end, extent.start + Math.min(part.end, range.end)) };
};

/** Whether the byte at `offset` is neither held nor leased. */
export const isFree = (offset: number, held: RangeSet, leases: readonly Lease[]): boolean =>
  held.runFrom(offset) === offset && leases.every((lease) => offset < lease.cursor || offset >= lease.end);

/** `range` up to the next byte that is held or leased. */
export const freeFrom = (range: Range, held: RangeSet, leases: readonly Lease[]): Range => {
  const [gap] = held.gaps(range);
  const end = leases.reduce((least, lease) => (lease.cursor > range.start ? Math.min(least, lease.cursor) : least), gap?.end ?? range.end);
  return { start: range.start, end };
};
