import type { Validator } from '../core/representation.ts';
import { parseHttpDate } from './http-date.ts';
import { ifRangeOf, strongMatch, weakMatch } from './validators.ts';

/** What a precondition may look at in a request; `headers` finds a field by its lower-case name, as a `Map` and `Headers` do. */
export interface Conditional {
  readonly method: string;
  readonly headers: { get(name: string): string | null | undefined };
}

/** What the file is now. `date`: Date field of the answer that its validator came with. */
export interface Current extends Validator {
  readonly date?: string;
}

/** `not-modified` is a 304, `failed` a 412. */
export type Verdict = 'proceed' | 'not-modified' | 'failed';

type Matches = (a: string, b: string) => boolean;

/** Whether a list of entity-tags, or `*`, takes in the file as it is now. Quoted tags may hold commas; what is no tag matches nothing. */
const includes = (list: string, etag: string | undefined, matches: Matches): boolean =>
  list.trim() === '*' || (etag !== undefined && (list.match(/(?:W\/)?"[^"\s]*"|[^\s,]+/gi) ?? []).some((tag) => matches(tag, etag)));

/**
 * Judges the preconditions of a request in the order of RFC 9110 §13.2.2, up to If-Range. `wall` is the time now: an
 * If-Modified-Since ahead of it proves nothing, and is ignored like a date that is none.
 */
export const judge = ({ method, headers }: Conditional, { etag, lastModified }: Current, wall: number): Verdict => {
  const dateOf = (text: string | null | undefined): number | undefined => parseHttpDate(text?.trim() ?? '', wall);
  const reads = method === 'GET' || method === 'HEAD';
  const modified = dateOf(lastModified);

  const ifMatch = headers.get('if-match') ?? undefined;
  if (ifMatch !== undefined) {
    if (!includes(ifMatch, etag, strongMatch)) return 'failed';
  } else {
    const since = dateOf(headers.get('if-unmodified-since'));
    if (since !== undefined && modified !== undefined && modified > since) return 'failed';
  }

  const ifNoneMatch = headers.get('if-none-match') ?? undefined;
  if (ifNoneMatch !== undefined) {
    if (!includes(ifNoneMatch, etag, weakMatch)) return 'proceed';
    return reads ? 'not-modified' : 'failed';
  }
  const since = reads ? dateOf(headers.get('if-modified-since')) : undefined;
  return since !== undefined && since <= wall && modified !== undefined && modified <= since ? 'not-modified' : 'proceed';
};

/**
 * Whether a request's Range counts, by its If-Range field: where there is none, where it is our entity-tag and strong, or
 * where it is our very Last-Modified, which was a second old when it was sent (RFC 9110 §13.1.5, §8.8.2.2). Else the
 * whole file is due.
 */
export const rangeApplies = (ifRange: string | undefined, { etag, lastModified, date }: Current): boolean => {
  if (ifRange === undefined) return true;
  const asked = ifRange.trim();
  const ours = asked.includes('"')
    ? { ...(etag === undefined ? {} : { etag }) }
    : { ...(lastModified === undefined ? {} : { lastModified }) };
  return asked === ifRangeOf(ours, date);
};
