import type { Fields } from '../core/ports.ts';
import type { Validator } from '../core/representation.ts';
import { parseHttpDate } from './http-date.ts';

const quoted = /^(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]+"$/i;
// Some servers forget the quotes; their tags tell versions apart all the same.
const bare = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

/** Validator fields of an answer (RFC 9110 §8.8); an empty or malformed entity-tag is left out. */
export const validatorOf = (fields: Fields): Validator => {
  const etag = fields.get('etag')?.trim();
  const lastModified = fields.get('last-modified')?.trim();
  return {
    ...(etag !== undefined && (quoted.test(etag) || bare.test(etag)) ? { etag } : {}),
    ...(lastModified !== undefined && lastModified !== '' ? { lastModified } : {}),
  };
};

const isWeak = (etag: string): boolean => /^w\//i.test(etag);
const opaque = (etag: string): string => etag.replace(/^w\//i, '');

/** Whether equal tags are promised to mean equal bytes: both strong and the same (RFC 9110 §8.8.3.2). */
export const strongMatch = (a: string, b: string): boolean => !isWeak(a) && !isWeak(b) && a === b;

/** Whether the tags are the same but for their strength (RFC 9110 §8.8.3.2). */
export const weakMatch = (a: string, b: string): boolean => opaque(a) === opaque(b);

/**
 * Whether two answers of one source have the same bytes behind them, as far as validators tell. Strong tags decide;
 * else Last-Modified does, but a second is long, so a weak tag that differs leaves it open.
 */
export const sameVersion = (a: Validator, b: Validator): 'same' | 'different' | 'unknown' => {
  const tags = a.etag !== undefined && b.etag !== undefined ? ([a.etag, b.etag] as const) : undefined;
  if (tags !== undefined && !isWeak(tags[0]) && !isWeak(tags[1])) return strongMatch(...tags) ? 'same' : 'different';
  if (a.lastModified === undefined || b.lastModified === undefined) return 'unknown';
  if (a.lastModified !== b.lastModified) return 'different';
  return tags === undefined || weakMatch(...tags) ? 'same' : 'unknown';
};

/**
 * Value of an If-Range field that makes a source serve a range of this version only; undefined where nothing strong
 * enough is known. `date` is the Date field that came with the validator: a Last-Modified counts when there is no tag
 * and it was a second old by then (RFC 9110 §8.8.2.2, §13.1.5).
 */
export const ifRangeOf = (validator: Validator, date?: string): string | undefined => {
  const { etag, lastModified } = validator;
  if (etag !== undefined) return !isWeak(etag) && quoted.test(etag) ? etag : undefined;
  if (lastModified === undefined || date === undefined) return undefined;
  const sent = parseHttpDate(date, 0);
  const modified = parseHttpDate(lastModified, 0);
  return sent !== undefined && modified !== undefined && modified + 1000 <= sent ? lastModified : undefined;
};
