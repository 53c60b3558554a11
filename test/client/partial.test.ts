import { describe, expect, it } from 'vitest';

import { judgePartial, keyOf, partialFactsOf } from '../../src/client/partial.ts';
import type { Validator } from '../../src/core/representation.ts';
import type { FileFacts } from '../../src/engine/sources.ts';

const url = 'https://example.org/a.iso?token=abc#top';

const factsOf = (validator: Validator, length: number | undefined = 100, from = url): FileFacts => ({
  length,
  ranges: true,
  type: undefined,
  name: undefined,
  url: from,
  validators: new Map([[from, validator]]),
  lastModified: undefined,
});
const noteOf = (facts: FileFacts, region?: { start: number; end: number }) =>
  partialFactsOf({ volumes: [[{ url: facts.url }]] }, facts, region);
const judge = (before: FileFacts, now: FileFacts) => judgePartial(noteOf(before), noteOf(now));

describe('a partial file', () => {
  it('of the same strong validator is kept', () => {
    expect(judge(factsOf({ etag: '"1"' }), factsOf({ etag: '"1"' }))).toEqual({ keep: true, unproven: false });
  });

  it('of another validator or another length is not', () => {
    expect(judge(factsOf({ etag: '"1"' }), factsOf({ etag: '"2"' }))).toMatchObject({ keep: false });
    expect(judge(factsOf({ etag: '"1"' }, 100), factsOf({ etag: '"1"' }, 101))).toMatchObject({
      keep: false,
      message: expect.stringContaining('101'),
    });
  });

  it('that no validator proves is kept to be sampled', () => {
    expect(judge(factsOf({}), factsOf({}))).toEqual({ keep: true, unproven: true });
    expect(judge(factsOf({ etag: '"1"' }), factsOf({ etag: '"1"' }, 100, 'https://mirror.example/a.iso'))).toEqual({
      keep: true,
      unproven: true,
    });
  });

  it('is proven only where each of its sources proves its own bytes', () => {
    const spec = { volumes: [[{ url: 'http://a/1' }], [{ url: 'http://a/2' }]] };
    const both = new Map([
      ['http://a/1', { etag: '"1"' }],
      ['http://a/2', { etag: '"2"' }],
    ]);
    const note = partialFactsOf(spec, { ...factsOf({}), validators: both });
    expect(judgePartial(note, note)).toEqual({ keep: true, unproven: false });
    const one = { ...note, validators: new Map([['http://a/1', { etag: '"1"' }]]) };
    expect(judgePartial(note, one)).toEqual({ keep: true, unproven: true });
    expect(judgePartial(one, note)).toEqual({ keep: true, unproven: true });
  });

  it('is sampled where a source that may have brought some of it is not asked any more', () => {
    const facts = (urls: readonly string[]) => ({ urls, length: 100, validators: new Map(urls.map((name) => [name, { etag: '"1"' }])) });
    expect(judgePartial(facts(['a', 'b']), facts(['a', 'b']))).toEqual({ keep: true, unproven: false });
    expect(judgePartial(facts(['a', 'b']), facts(['b']))).toEqual({ keep: true, unproven: true });
  });

  it('of another part of the file is not kept, one of the same part is', () => {
    const facts = factsOf({ etag: '"1"' });
    const part = noteOf(facts, { start: 10, end: 20 });
    expect(judgePartial(part, noteOf(facts))).toMatchObject({ keep: false });
    expect(judgePartial(part, noteOf(facts, { start: 10, end: 21 }))).toMatchObject({ keep: false });
    expect(judgePartial(part, noteOf(facts, { start: 10, end: 20 }))).toEqual({ keep: true, unproven: false });
    expect(part.length).toBe(10);
  });

  it('is called by its URL without secret and fragment', () => {
    expect(keyOf(url, undefined)).toBe('https://example.org/a.iso?token=***');
    expect(keyOf(url, { start: 1, end: 3 })).toBe('https://example.org/a.iso?token=***#bytes=1-2');
  });
});
