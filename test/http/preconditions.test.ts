import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Current, judge, rangeApplies, type Verdict } from '../../src/http/preconditions.ts';

const sunday = 'Sun, 04 Jan 2026 10:00:00 GMT';
const monday = 'Mon, 05 Jan 2026 10:00:00 GMT';
const mondayOld = 'Monday, 05-Jan-26 10:00:00 GMT';
const mondayUnix = 'Mon Jan  5 10:00:00 2026';
const mondayNext = 'Mon, 05 Jan 2026 10:00:01 GMT';
const tuesday = 'Tue, 06 Jan 2026 10:00:00 GMT';
const future = 'Fri, 01 Jan 2027 00:00:00 GMT';
const wall = Date.UTC(2026, 0, 7);

const strong: Current = { etag: '"1"', lastModified: monday, date: tuesday };
const weak: Current = { etag: 'W/"1"', lastModified: monday, date: tuesday };
const dated: Current = { lastModified: monday, date: tuesday };
const comma: Current = { etag: '"a,b"' };

type Headers = Readonly<Record<string, string>>;
const verdict = (method: string, headers: Headers, current: Current): Verdict =>
  judge({ method, headers: new Map(Object.entries(headers)) }, current, wall);

describe('a request with preconditions (RFC 9110 §13.2.2)', () => {
  it.each<[string, Headers, Current, Verdict]>([
    ['GET', {}, strong, 'proceed'],
    // If-Match compares strongly.
    ['GET', { 'if-match': '"1"' }, strong, 'proceed'],
    ['GET', { 'if-match': '"0", "1"' }, strong, 'proceed'],
    ['GET', { 'if-match': ', "0",,"1" ,' }, strong, 'proceed'],
    ['GET', { 'if-match': '"0"' }, strong, 'failed'],
    ['GET', { 'if-match': 'W/"1"' }, strong, 'failed'],
    ['GET', { 'if-match': '"1"' }, weak, 'failed'],
    ['GET', { 'if-match': 'W/"1"' }, weak, 'failed'],
    ['GET', { 'if-match': '"1"' }, dated, 'failed'],
    ['GET', { 'if-match': ' * ' }, {}, 'proceed'],
    ['GET', { 'if-match': '"*"' }, strong, 'failed'],
    ['GET', { 'if-match': '' }, strong, 'failed'],
    ['GET', { 'if-match': '1' }, strong, 'failed'],
    ['PUT', { 'if-match': '"0"' }, strong, 'failed'],
    // A comma in a tag does not end it.
    ['GET', { 'if-match': '"a,b"' }, comma, 'proceed'],
    ['GET', { 'if-match': '"x","a,b"' }, comma, 'proceed'],
    ['GET', { 'if-match': '"a","b"' }, comma, 'failed'],
    ['GET', { 'if-none-match': 'W/"a,b"' }, comma, 'not-modified'],
    ['GET', { 'if-none-match': '"a,b,"1"' }, strong, 'proceed'],
    // If-Unmodified-Since counts without If-Match only.
    ['GET', { 'if-unmodified-since': monday }, strong, 'proceed'],
    ['GET', { 'if-unmodified-since': tuesday }, strong, 'proceed'],
    ['GET', { 'if-unmodified-since': sunday }, strong, 'failed'],
    ['PUT', { 'if-unmodified-since': sunday }, strong, 'failed'],
    ['GET', { 'if-unmodified-since': sunday, 'if-match': '"1"' }, strong, 'proceed'],
    ['GET', { 'if-unmodified-since': sunday }, { etag: '"1"' }, 'proceed'],
    ['GET', { 'if-unmodified-since': 'yesterday' }, strong, 'proceed'],
    ['GET', { 'if-unmodified-since': `${sunday}, ${sunday}` }, strong, 'proceed'],
    // If-None-Match compares weakly.
    ['GET', { 'if-none-match': '"1"' }, strong, 'not-modified'],
    ['HEAD', { 'if-none-match': '"1"' }, strong, 'not-modified'],
    ['PUT', { 'if-none-match': '"1"' }, strong, 'failed'],
    ['GET', { 'if-none-match': 'W/"1"' }, strong, 'not-modified'],
    ['GET', { 'if-none-match': '"1"' }, weak, 'not-modified'],
    ['GET', { 'if-none-match': '"0",W/"1"' }, weak, 'not-modified'],
    ['GET', { 'if-none-match': '"2"' }, strong, 'proceed'],
    ['GET', { 'if-none-match': '"1"' }, dated, 'proceed'],
    ['GET', { 'if-none-match': '*' }, dated, 'not-modified'],
    ['PUT', { 'if-none-match': '*' }, dated, 'failed'],
    ['GET', { 'if-none-match': '' }, strong, 'proceed'],
    // If-Modified-Since counts without If-None-Match only, for GET and HEAD.
    ['GET', { 'if-modified-since': monday }, strong, 'not-modified'],
    ['GET', { 'if-modified-since': mondayOld }, strong, 'not-modified'],
    ['GET', { 'if-modified-since': mondayUnix }, strong, 'not-modified'],
    ['HEAD', { 'if-modified-since': tuesday }, strong, 'not-modified'],
    ['GET', { 'if-modified-since': sunday }, strong, 'proceed'],
    ['PUT', { 'if-modified-since': monday }, strong, 'proceed'],
    ['GET', { 'if-modified-since': monday, 'if-none-match': '"2"' }, strong, 'proceed'],
    ['GET', { 'if-modified-since': monday, 'if-none-match': '' }, strong, 'proceed'],
    ['GET', { 'if-modified-since': sunday, 'if-none-match': '"1"' }, strong, 'not-modified'],
    ['GET', { 'if-modified-since': future }, strong, 'proceed'],
    ['GET', { 'if-modified-since': monday }, { etag: '"1"' }, 'proceed'],
    ['GET', { 'if-modified-since': monday }, { lastModified: 'monday' }, 'proceed'],
    ['GET', { 'if-modified-since': 'monday' }, strong, 'proceed'],
    ['GET', { 'if-modified-since': `${monday}, ${monday}` }, strong, 'proceed'],
    // The first that fails decides.
    ['GET', { 'if-match': '"0"', 'if-none-match': '"1"' }, strong, 'failed'],
    ['GET', { 'if-match': '"1"', 'if-none-match': '"1"' }, strong, 'not-modified'],
    ['GET', { 'if-unmodified-since': sunday, 'if-modified-since': monday }, strong, 'failed'],
    ['GET', { 'if-unmodified-since': monday, 'if-modified-since': monday }, strong, 'not-modified'],
  ])('%s %j for %j: %s', (method, headers, current, expected) => {
    expect(verdict(method, headers, current)).toBe(expected);
  });

  it('may come in Headers as well as in a Map', () => {
    expect(judge({ method: 'GET', headers: new Headers({ 'If-None-Match': '"1"' }) }, strong, wall)).toBe('not-modified');
    expect(judge({ method: 'GET', headers: new Headers() }, strong, wall)).toBe('proceed');
  });

  interface Tag {
    readonly weak: boolean;
    readonly opaque: string;
  }
  const tag = fc.record({ weak: fc.boolean(), opaque: fc.constantFrom('', '1', '2', 'a,b', ',', 'W/', '*') });
  const text = ({ weak, opaque }: Tag): string => `${weak ? 'W/' : ''}"${opaque}"`;
  const list = fc.oneof(fc.constant('*' as const), fc.array(tag));
  const listText = (tags: '*' | readonly Tag[], separator: string): string => (tags === '*' ? '*' : tags.map(text).join(separator));
  const second = fc.integer({ min: -3, max: 3 });
  const base = Date.UTC(2026, 0, 1);
  const dateText = (offset: number): string => new Date(base + offset * 1000).toUTCString();
  const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

  it('is judged as the steps of the standard say', () => {
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'PUT'),
      match: maybe(list),
      noneMatch: maybe(list),
      unmodified: maybe(second),
      modified: maybe(second),
      separator: fc.constantFrom(',', ', ', ' ,,\t'),
    });
    const file = fc.record({ etag: maybe(tag), lastModified: maybe(second) });
    fc.assert(
      fc.property(request, file, second, ({ method, match, noneMatch, unmodified, modified, separator }, { etag, lastModified }, now) => {
        const steps = (): Verdict => {
          const matches = (tags: '*' | readonly Tag[], strongly: boolean): boolean =>
            tags === '*' ||
            (etag !== undefined && tags.some(({ weak, opaque }) => opaque === etag.opaque && !(strongly && (weak || etag.weak))));
          if (match !== undefined && !matches(match, true)) return 'failed';
          if (match === undefined && unmodified !== undefined && lastModified !== undefined && lastModified > unmodified) return 'failed';
          if (noneMatch !== undefined) return !matches(noneMatch, false) ? 'proceed' : method === 'PUT' ? 'failed' : 'not-modified';
          if (method === 'PUT' || modified === undefined || modified > now || lastModified === undefined) return 'proceed';
          return lastModified <= modified ? 'not-modified' : 'proceed';
        };
        const headers = new Map<string, string>();
        if (match !== undefined) headers.set('if-match', listText(match, separator));
        if (noneMatch !== undefined) headers.set('if-none-match', listText(noneMatch, separator));
        if (unmodified !== undefined) headers.set('if-unmodified-since', dateText(unmodified));
        if (modified !== undefined) headers.set('if-modified-since', dateText(modified));
        const current: Current = {
          ...(etag === undefined ? {} : { etag: text(etag) }),
          ...(lastModified === undefined ? {} : { lastModified: dateText(lastModified) }),
        };
        expect(judge({ method, headers }, current, base + now * 1000)).toBe(steps());
      }),
      { numRuns: 2000 },
    );
  });

  it('of any text is judged without throwing', () => {
    const field = fc.oneof(fc.string(), fc.stringMatching(/^[W/", *a]{0,30}$/));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'), field),
        (headers) => {
          expect(['proceed', 'not-modified', 'failed']).toContain(verdict('GET', headers, strong));
        },
      ),
    );
  });
});

describe('If-Range (RFC 9110 §13.1.5)', () => {
  it.each<[string | undefined, Current, boolean]>([
    [undefined, strong, true],
    [undefined, {}, true],
    ['"1"', strong, true],
    [' "1" ', strong, true],
    ['"2"', strong, false],
    ['W/"1"', strong, false],
    ['"1"', weak, false],
    ['W/"1"', weak, false],
    ['"1"', dated, false],
    ['"1", "2"', strong, false],
    ['*', strong, false],
    ['1', { etag: '1' }, false],
    ['', strong, false],
    [monday, dated, true],
    [monday, strong, true],
    [monday, { lastModified: monday, date: mondayNext }, true],
    [monday, { lastModified: monday, date: monday }, false],
    [monday, { lastModified: monday }, false],
    [monday, {}, false],
    [tuesday, dated, false],
    [sunday, dated, false],
    [mondayOld, dated, false],
    ['monday', { lastModified: 'monday', date: tuesday }, false],
  ])('%j for %j lets a range be sent: %s', (ifRange, current, applies) => {
    expect(rangeApplies(ifRange, current)).toBe(applies);
  });
});
