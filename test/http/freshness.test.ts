import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Freshness, freshnessOf } from '../../src/http/freshness.ts';

const wall = Date.UTC(2026, 0, 7, 12);
const at = (offset: number): string => new Date(wall + offset * 1000).toUTCString();
const minute = 60;
const hour = 3600;
const day = 86_400;

type Headers = Readonly<Record<string, string>>;
const of = (headers: Headers): Freshness => freshnessOf(new Map(Object.entries(headers)), wall);

describe('an answer stays fresh', () => {
  it.each<[number, Headers]>([
    // What it says.
    [60, { 'cache-control': 'max-age=60' }],
    [60, { 'cache-control': 'MAX-AGE=60' }],
    [60, { 'cache-control': 'public, max-age = "60" , immutable' }],
    [30, { 'cache-control': 'max-age=60, s-maxage=30' }],
    [0, { 'cache-control': 'max-age=0' }],
    [2 ** 31, { 'cache-control': 'max-age=99999999999999999999' }],
    [60, { 'cache-control': 'max-age=60', expires: at(-hour) }],
    [60, { 'cache-control': ', ,max-age=60,,' }],
    [60, { 'cache-control': 'x="max-age=5, no-store", max-age=60' }],
    [60, { 'cache-control': 'x="\\", no-store", max-age=60' }],
    [60, { 'cache-control': 'private, max-age=60' }],
    [hour, { expires: at(hour) }],
    [hour, { expires: at(hour), date: at(0) }],
    [hour, { expires: at(2 * hour), date: at(hour) }],
    [0, { expires: at(-hour), date: at(0) }],
    // What makes no sense is stale, and the first of several counts.
    [0, { 'cache-control': 'max-age' }],
    [0, { 'cache-control': 'max-age=' }],
    [0, { 'cache-control': 'max-age=-1' }],
    [0, { 'cache-control': 'max-age=1.5' }],
    [0, { 'cache-control': 'max-age=60;public' }],
    [0, { 'cache-control': 'max-age=0x60, max-age=60' }],
    [10, { 'cache-control': 'max-age=10, max-age=60' }],
    [60, { 'cache-control': 'max-age=60, max-age=10' }],
    [0, { 'cache-control': 's-maxage=soon, max-age=60' }],
    [0, { expires: '0' }],
    [0, { expires: `${at(hour)}, ${at(hour)}` }],
    // Less its age, by whichever sign of it is worse.
    [40, { 'cache-control': 'max-age=60', age: '20' }],
    [40, { 'cache-control': 'max-age=60', age: '20, 50' }],
    [60, { 'cache-control': 'max-age=60', age: '-20' }],
    [60, { 'cache-control': 'max-age=60', age: 'old' }],
    [0, { 'cache-control': 'max-age=60', age: '99999999999999999999' }],
    [40, { 'cache-control': 'max-age=60', date: at(-20) }],
    [30, { 'cache-control': 'max-age=60', date: at(-20), age: '30' }],
    [40, { 'cache-control': 'max-age=60', date: at(-20), age: '10' }],
    [60, { 'cache-control': 'max-age=60', date: at(20) }],
    [60, { 'cache-control': 'max-age=60', date: 'today' }],
    // A guess: a tenth of the time that it has been the same, within bounds.
    [minute, {}],
    [minute, { 'cache-control': 'public, must-revalidate' }],
    [minute, { 'last-modified': 'yesterday' }],
    [minute, { 'last-modified': at(-10) }],
    [minute, { 'last-modified': at(hour) }],
    [hour, { 'last-modified': at(-10 * hour), date: at(0) }],
    [hour - 20, { 'last-modified': at(-10 * hour), date: at(0), age: '20' }],
    [day, { 'last-modified': at(-100 * day) }],
    [minute, { 'last-modified': at(-10 * hour), age: String(2 * hour) }],
    [minute, { date: at(-hour) }],
  ])('%i s by %j', (seconds, headers) => {
    expect(of(headers).lifetime).toBe(seconds * 1000);
  });
});

describe('an answer may be kept and served stale', () => {
  it.each<[string, boolean, boolean, number]>([
    ['', true, false, Infinity],
    ['max-age=60', true, false, Infinity],
    ['private', true, false, Infinity],
    ['must-revalidate', true, true, 0],
    ['proxy-revalidate', true, true, 0],
    ['s-maxage=60', true, true, 0],
    ['no-cache', true, true, 0],
    ['no-cache="etag"', true, true, 0],
    ['No-Store', false, true, 0],
    ['no-store, max-age=60', false, true, 0],
    ['no-store, must-understand', true, false, Infinity],
    ['stale-if-error=60', true, false, 60_000],
    ['stale-if-error="60"', true, false, 60_000],
    ['stale-if-error=soon', true, false, 0],
    ['stale-if-error=60, stale-if-error=90', true, false, 60_000],
    ['stale-if-error=60, must-revalidate', true, true, 0],
  ])('by %j: kept %s, asked about first %s, while its source fails %s ms', (control, storable, mustRevalidate, staleIfError) => {
    expect(of({ 'cache-control': control })).toMatchObject({ storable, mustRevalidate, staleIfError });
  });

  it.each(['no-cache, max-age=60', 'max-age=60, no-cache', 'no-store, max-age=60', 'no-cache'])('but %j is never fresh', (control) => {
    expect(of({ 'cache-control': control }).lifetime).toBe(0);
  });

  it('for a time that is one, whatever its headers say', () => {
    const directive = fc.oneof(
      fc.string(),
      fc.constantFrom('no-cache', 'no-store', 'max-age=5', 's-maxage=7', 'max-age="9"', 'must-understand', '"', '\\', 'stale-if-error=4'),
    );
    const control = fc.array(directive).map((members) => members.join(','));
    const date = fc.oneof(fc.string(), fc.integer({ min: -1e9, max: 1e9 }).map(at));
    const headers = fc.record(
      { 'cache-control': control, date, expires: date, 'last-modified': date, age: fc.string() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, (fields) => {
        const { lifetime, staleIfError } = of(fields as Headers);
        expect(lifetime >= 0 && Number.isSafeInteger(Math.floor(lifetime))).toBe(true);
        expect(staleIfError).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('as long as the sums of RFC 9111 §4.2 say', () => {
    const seconds = fc.nat(5000);
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
    const facts = fc.record({
      shared: maybe(seconds),
      maxAge: maybe(seconds),
      expires: maybe(fc.integer({ min: -5000, max: 5000 })),
      date: maybe(fc.integer({ min: -5000, max: 5000 })),
      age: maybe(seconds),
    });
    fc.assert(
      fc.property(facts, ({ shared, maxAge, expires, date, age }) => {
        fc.pre(shared !== undefined || maxAge !== undefined || expires !== undefined);
        const said = shared ?? maxAge ?? (expires ?? 0) - (date ?? 0);
        const apparent = Math.max(0, -(date ?? 0));
        const control = [...(maxAge === undefined ? [] : [`max-age=${maxAge}`]), ...(shared === undefined ? [] : [`s-maxage=${shared}`])];
        const headers: Record<string, string> = { 'cache-control': control.join(', ') };
        if (expires !== undefined) headers.expires = at(expires);
        if (date !== undefined) headers.date = at(date);
        if (age !== undefined) headers.age = String(age);
        expect(of(headers).lifetime).toBe(Math.max(0, said - Math.max(apparent, age ?? 0)) * 1000);
      }),
      { numRuns: 500 },
    );
  });
});
