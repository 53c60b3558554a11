/**
 * How long a stored answer may be served unasked (RFC 9111 §4.2). Hydrant is a shared cache, but one that its user put
 * there for these very files: `private` does not keep it from storing, while `no-store` does. What is malformed counts as
 * stale, and of a directive that is repeated the first counts.
 */
import type { Fields } from '../core/ports.ts';
import { parseHttpDate } from './http-date.ts';

/** What an answer says of its own keeping; times in milliseconds from its receipt. */
export interface Freshness {
  readonly storable: boolean;
  /** How long it may be served without asking. */
  readonly lifetime: number;
  /** Whether it may never be served after that unless its source confirms it. */
  readonly mustRevalidate: boolean;
  /** How long after `lifetime` it may be served while its source fails; Infinity where nothing is said. */
  readonly staleIfError: number;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const largest = 2 ** 31;

const unquote = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text);

/** Directives by name in lower case; the argument of one without is empty. */
const directivesOf = (field: string): ReadonlyMap<string, string> => {
  const directives = new Map<string, string>();
  for (const member of field.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/gs) ?? []) {
    const [, name = '', argument = ''] = /^([^=]*)=?(.*)$/s.exec(member) ?? [];
    const key = name.trim().toLowerCase();
    if (!directives.has(key)) directives.set(key, unquote(argument.trim()));
  }
  return directives;
};

/** Milliseconds of a delta-seconds (RFC 9111 §1.2.2); undefined where it is none. */
const deltaSeconds = (text: string): number | undefined => (/^\d+$/.test(text) ? Math.min(Number(text), largest) * 1000 : undefined);

/** Freshness of an answer with these headers that came in at `wall`. */
export const freshnessOf = (headers: Fields, wall: number): Freshness => {
  const directives = directivesOf(headers.get('cache-control') ?? '');
  const seconds = (name: string): number | undefined => {
    const argument = directives.get(name);
    return argument === undefined ? undefined : (deltaSeconds(argument) ?? 0);
  };
  const dateIn = (name: string): number | undefined => parseHttpDate(headers.get(name)?.trim() ?? '', wall);

  const date = dateIn('date') ?? wall;
  const age = Math.max(0, wall - date, deltaSeconds(headers.get('age')?.split(',', 1)[0]?.trim() ?? '') ?? 0);
  const said =
    seconds('s-maxage') ?? seconds('max-age') ?? (headers.has('expires') ? Math.max(0, (dateIn('expires') ?? date) - date) : undefined);
  const modified = dateIn('last-modified');
  // A guess is ours to make: even for an answer that was old when it came it is at least a minute, or each request for a range would ask again.
  const guessed = Math.min(Math.max(minute, modified === undefined ? 0 : (date - modified) / 10 - age), day);

  const storable = !directives.has('no-store') || directives.has('must-understand');
  const never = !storable || directives.has('no-cache');
  const mustRevalidate = never || ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name));
  return {
    storable,
    lifetime: never ? 0 : said === undefined ? guessed : Math.max(0, said - age),
    mustRevalidate,
    staleIfError: mustRevalidate ? 0 : (seconds('stale-if-error') ?? Infinity),
  };
};
