import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type EntryFacts, factsText, isFresh, parseFacts, sameness } from '../../src/cache/entry-facts.ts';
import { factsOf } from './facts.ts';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const amount = fc.nat(Number.MAX_SAFE_INTEGER);
const anyFacts: fc.Arbitrary<EntryFacts> = fc.record({
  length: maybe(amount),
  volumes: fc.array(amount),
  etag: maybe(fc.string()),
  lastModified: maybe(fc.string()),
  type: maybe(fc.string()),
  name: maybe(fc.string({ unit: 'grapheme' })),
  urls: fc.uniqueArray(fc.webUrl()).map((urls) => urls.toSorted()),
  url: maybe(fc.webUrl()),
  validatedAt: amount,
  lifetime: maybe(amount),
});

describe('the facts of an entry', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(2 ** 48), (facts, generation) => {
        expect(parseFacts(factsText({ facts, generation }))).toEqual({ facts, generation });
      }),
    );
  });

  it('are none where a character is another one, or missing', () => {
    const text = factsText({ facts: factsOf(10), generation: 5 });
    for (let index = 0; index < text.length - 1; index++) {
      expect(parseFacts(text.slice(0, index) + text.slice(index + 1))).toBeUndefined();
      expect(parseFacts(`${text.slice(0, index)}${text[index] === '1' ? '2' : '1'}${text.slice(index + 1)}`)).toBeUndefined();
      expect(parseFacts(text.slice(0, index))).toBeUndefined();
    }
  });

  it('are kept without what is secret in URLs', () => {
    const secret = 'http://user:hunter2@127.0.0.1/f?token=hunter2';
    const text = factsText({ facts: factsOf(10, { urls: [secret], url: secret }), generation: 5 });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('127.0.0.1/f');
  });

  it('are of the same representation or not, whichever comes first', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (a, b) => {
        expect(sameness(a, b)).toBe(sameness(b, a));
        expect(sameness(a, a)).toBe(a.etag === undefined && a.lastModified === undefined ? 'unproven' : 'same');
      }),
    );
  });

  it('are fresh for as long as the source said, and never before it did', () => {
    const facts = factsOf(1, { validatedAt: 1_000, lifetime: 500 });
    expect([999, 1_000, 1_499, 1_500].map((now) => isFresh(facts, now))).toEqual([false, true, true, false]);
    expect(isFresh(factsOf(1, { validatedAt: 1_000 }), 1_000)).toBe(false);
  });
});
