import type { Range } from '../core/range.ts';

/** One request as it came. */
export interface Ask {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one range asked for; its end is Infinity where none was given, its start negative where only a suffix was. */
  readonly range: Range | undefined;
}

const parseRange = (field: string | undefined): Range | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(field ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : { start: -Number(last), end: Number.POSITIVE_INFINITY };
  return { start: Number(first), end: last === '' ? Number.POSITIVE_INFINITY : Number(last) + 1 };
};

/** Reads the head of a request (without the blank line); undefined where it is none. */
export const parseAsk = (head: string): Ask | undefined => {
  const [line = '', ...fields] = head.split('\r\n');
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(line);
  if (match === null) return undefined;
  const [, method = '', target = ''] = match;
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { method, target, path: target.replace(/\?.*$/, ''), headers, range: parseRange(headers.range) };
};

/** `range` as offsets of a file of `size` bytes; undefined where it lies outside. */
export const resolveRange = (range: Range, size: number): Range | undefined => {
  const start = range.start < 0 || Object.is(range.start, -0) ? Math.max(0, size + range.start) : range.start;
  const end = Math.min(range.end, size);
  return start < end ? { start, end } : undefined;
};
