import { decodeExtended, parse } from 'content-disposition';

import { HydrantError } from '../core/errors.ts';
import { parseHttpDate } from './http-date.ts';
import { decodeOctets, decodePercent } from './octets.ts';

/** One header of the user's choice. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** Nobody who wants his file waits longer on a server's word. */
const longestWait = 86_400_000;

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that the transfer itself decides on; another value would break it. */
const own = new Map([
  ['accept-encoding', 'files are always asked for uncoded'],
  ['range', 'use the option range'],
  ['if-range', 'use the option range'],
  ...['connection', 'content-length', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'].map(
    (name) => [name, 'it belongs to the connection'] as const,
  ),
]);

/** Milliseconds that a Retry-After field asks to wait (RFC 9110 §10.2.3), at most a day; undefined where it says nothing sensible. */
export const retryAfter = (field: string | undefined, wall: number): number | undefined => {
  const text = field?.trim();
  if (text === undefined) return undefined;
  const date = /^\d+$/.test(text) ? wall + Number(text) * 1000 : parseHttpDate(text, wall);
  return date === undefined ? undefined : Math.min(Math.max(0, date - wall), longestWait);
};

/** `type/subtype` of a Content-Type field in lower case, without parameters (RFC 9110 §8.3.1); undefined where it has none. */
export const mediaType = (field: string | undefined): string | undefined => {
  const [type = '', subtype = '', ...more] = (field?.split(';', 1)[0] ?? '').trim().split('/');
  return token.test(type) && token.test(subtype) && more.length === 0 ? `${type}/${subtype}`.toLowerCase() : undefined;
};

/**
 * File name that a Content-Disposition field asks for, `filename*` before `filename` (RFC 6266 §4.3), the latter
 * percent-decoded as browsers do; undefined where there is none. Anything may be in it: make it safe before use.
 */
export const dispositionName = (field: string | undefined): string | undefined => {
  if (field === undefined) return undefined;
  const { 'filename*': extended = '', filename = '' } = parse(decodeOctets(field), { extended: false }).parameters;
  return decodeExtended(extended) || decodePercent(filename) || undefined;
};

/** Throws OPTION_INVALID unless `name` and `value` make a field line (RFC 9110 §5.1, §5.5) that a user may send with a download. */
export const checkHeader = ({ name, value }: Header): void => {
  const invalid = (why: string): HydrantError => new HydrantError('OPTION_INVALID', why);
  if (!token.test(name)) throw invalid(`${JSON.stringify(name)} is not the name of a header`);
  if (!fieldValue.test(value)) throw invalid(`the value of the header ${name} has a character that no header may have`);
  const why = own.get(name.toLowerCase());
  if (why !== undefined) throw invalid(`the header ${name} cannot be set: ${why}`);
};

/** The header in a line `Name: value` as users write it. Throws OPTION_INVALID. */
export const parseHeader = (line: string): Header => {
  const colon = line.indexOf(':');
  if (colon < 1) throw new HydrantError('OPTION_INVALID', `a header is written "Name: value"; ${JSON.stringify(line)} is not`);
  const header = { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '') };
  checkHeader(header);
  return header;
};
