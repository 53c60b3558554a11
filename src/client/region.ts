import { HydrantError } from '../core/errors.ts';
import { type Range, sizeOf } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';
import type { FileFacts } from '../engine/sources.ts';
import { parseWanted, wantedOf } from '../http/range-field.ts';

/** All of a file, however long it is. */
export const everything: Range = { start: 0, end: Number.POSITIVE_INFINITY };

/**
 * The bytes that `text` (`A-B`, `A-`, `-N`) means of a file; undefined where all are wanted. Throws OPTION_INVALID for
 * any other text, RANGE_UNSATISFIABLE where the file has none of them or, for `-N`, nobody says how long it is.
 */
export const regionOf = (text: string | undefined, { length, url }: FileFacts): Range | undefined => {
  if (text === undefined) return undefined;
  const wanted = parseWanted(text);
  if (length === undefined) {
    if (!('last' in wanted)) return wanted;
    throw new HydrantError(
      'RANGE_UNSATISFIABLE',
      `the source does not say how long the file is, so its last ${wanted.last} bytes are unknown`,
      { url },
    );
  }
  const region = wantedOf(wanted, length);
  if (region !== undefined) return region;
  throw new HydrantError('RANGE_UNSATISFIABLE', `the range ${text} lies outside the file, which has ${length} bytes`, { url });
};

/** Bytes in `region` of a file of `length` bytes; undefined where that is unknown. No `region`: all of it. */
export const sizeIn = (region: Range | undefined, length: number | undefined): number | undefined => {
  if (region === undefined || length === undefined)
    return region === undefined || region.end === Number.POSITIVE_INFINITY ? length : sizeOf(region);
  return sizeOf({ start: region.start, end: Math.min(region.end, length) });
};

/** Offset of the first byte that `held` lacks; the last byte of `length` where it lacks none, since that can be asked for. */
export const firstMissing = (held: RangeSet, length: number | undefined): number =>
  Math.max(0, Math.min(held.runFrom(0), (length ?? Number.POSITIVE_INFINITY) - 1));
