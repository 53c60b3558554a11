/** Ranges as header text and users write them: the only place where ends are inclusive. */
import { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';

/** What is wanted of a file whose length may not be known yet: a range (its end may lie beyond the file), or its last bytes. */
export type WantedRange = Range | { readonly last: number };

/** A Content-Range field: `range` is undefined in that of a 416, `length` where the sender does not know it. */
export type ContentRange =
  | { readonly range: Range; readonly length: number | undefined }
  | { readonly range: undefined; readonly length: number };

const safe = (digits: string): number | undefined => {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
};

/** No file is longer than this, so no byte is there. */
const beyond = Number.MAX_SAFE_INTEGER;

/** Reads `A-B`, `A-` or `-N`. What lies beyond all offsets still counts: as the end of the file, all of it, or nothing of it. */
const parseSpec = (text: string): WantedRange | undefined => {
  const [, first = '', last = ''] = /^(\d*)-(\d*)$/.exec(text) ?? [];
  if (first === '') return last === '' ? undefined : { last: Math.min(Number(last), beyond) };
  if (last !== '' && BigInt(last) < BigInt(first)) return undefined;
  const end = last === '' || Number(last) >= beyond ? Infinity : Number(last) + 1;
  return { start: Math.min(Number(first), beyond), end };
};

/** Value of a Range field that asks for `range`. Throws RANGE_UNSATISFIABLE where no field can ask for it. */
export const rangeField = ({ start, end }: Range): string => {
  const open = end === Infinity;
  if (!Number.isSafeInteger(start) || start < 0 || end <= start || !(open || Number.isSafeInteger(end)))
    throw new HydrantError('RANGE_UNSATISFIABLE', `the range from ${start} to ${end} has no bytes to ask for`);
  return open ? `bytes=${start}-` : `bytes=${start}-${end - 1}`;
};

/** What a user wants by `A-B` (both inclusive), `A-` or `-N`. Throws OPTION_INVALID. */
export const parseWanted = (text: string): WantedRange => {
  const wanted = parseSpec(text.trim());
  if (wanted === undefined || ('last' in wanted ? wanted.last === 0 : wanted.start === beyond))
    throw new HydrantError('OPTION_INVALID', `"${text}" is not a range: write 0-499, 500- or -500 (the last 500 bytes)`);
  return wanted;
};

/** The part of a file of `length` bytes that is wanted; undefined where nothing of it is there. */
export const wantedOf = (wanted: WantedRange, length: number): Range | undefined => {
  const start = 'last' in wanted ? Math.max(0, length - wanted.last) : wanted.start;
  const end = 'last' in wanted ? length : Math.min(wanted.end, length);
  return start < end ? { start, end } : undefined;
};

/** What a request's Range field wants, in its order (RFC 9110 §14.2); undefined where it is invalid or in another unit, and so to be ignored. */
export const parseRangeField = (field: string): readonly WantedRange[] | undefined => {
  const list = /^bytes=(.*)$/i.exec(field.trim())?.[1];
  if (list === undefined) return undefined;
  const wanted: WantedRange[] = [];
  for (const element of list.split(',')) {
    const text = element.replace(/^[ \t]+|[ \t]+$/g, '');
    if (text === '') continue;
    const range = parseSpec(text);
    if (range === undefined) return undefined;
    wanted.push(range);
  }
  return wanted.length === 0 ? undefined : wanted;
};

/** Value of the Content-Range field of a 206. */
export const contentRange = ({ start, end }: Range, length: number | undefined): string => `bytes ${start}-${end - 1}/${length ?? '*'}`;

/** Value of the Content-Range field of a 416. */
export const unsatisfiedRange = (length: number): string => `bytes */${length}`;

/** Reads a Content-Range field in bytes (RFC 9110 §14.4); undefined where it is invalid, contradicts itself or counts in another unit. */
export const parseContentRange = (field: string): ContentRange | undefined => {
  const [, first, last, whole = ''] = /^bytes +(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(field.trim()) ?? [];
  const length = safe(whole);
  if (first === undefined || last === undefined) return whole === '' || length === undefined ? undefined : { range: undefined, length };
  const start = safe(first);
  const end = safe(last) === undefined ? undefined : Number(last) + 1;
  if (start === undefined || end === undefined || !Number.isSafeInteger(end) || end <= start) return undefined;
  if (whole === '*') return { range: { start, end }, length: undefined };
  return length === undefined || end > length ? undefined : { range: { start, end }, length };
};
