import { type Range, sizeOf } from '../core/range.ts';
import { parseRangeField, wantedOf } from './range-field.ts';

/** More ranges than a player or a PDF reader asks for are an attack (RFC 9110 §17.15). */
const mostRanges = 32;
/** Bytes that the head of one more part costs: two ranges so near are cheaper sent as one (RFC 9110 §15.3.7.2). */
const partCost = 80;

interface Run extends Range {
  /** Which of the ranges asked for decides its place. */
  readonly turn: number;
}

/** The same bytes in fewer ranges: each stands where the first range asked for that went into it stood. */
const coalesce = (ranges: readonly Range[]): readonly Range[] => {
  const runs: Run[] = [];
  for (const { start, end, turn } of ranges.map((range, turn): Run => ({ ...range, turn })).sort((a, b) => a.start - b.start)) {
    const before = runs.at(-1);
    if (before === undefined || start > before.end + partCost) runs.push({ start, end, turn });
    else runs.splice(-1, 1, { start: before.start, end: Math.max(before.end, end), turn: Math.min(before.turn, turn) });
  }
  return runs.sort((a, b) => a.turn - b.turn).map(({ start, end }) => ({ start, end }));
};

/**
 * What a Range field means for a file of `length` bytes (RFC 9110 §14.2): ranges in the order asked for, those that
 * overlap or nearly touch made one; all of it where the field is to be ignored (absent, malformed, in another unit, more
 * than 32 ranges or more than twice the file); `unsatisfiable` where a 416 is due. The last bytes of an empty file are
 * all of it, since no Content-Range can say so.
 */
export const requestedRanges = (field: string | undefined, length: number): readonly Range[] | 'all' | 'unsatisfiable' => {
  const wanted = field === undefined ? undefined : parseRangeField(field);
  if (wanted === undefined || wanted.length > mostRanges) return 'all';
  const ranges = wanted.map((one) => wantedOf(one, length)).filter((range) => range !== undefined);
  if (ranges.length === 0) return wanted.some((one) => 'last' in one && one.last > 0) ? 'all' : 'unsatisfiable';
  const asked = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  return asked > 2 * length ? 'all' : coalesce(ranges);
};
