import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { verdict } from '../../src/core/agreement.ts';
import { Layout } from '../../src/core/layout.ts';
import { backoff, longestWithin } from '../../src/core/retry.ts';

describe('a layout', () => {
  test('puts volumes end to end as their lengths become known', () => {
    const layout = new Layout(3);
    expect(layout.extent(0)).toEqual({ start: 0, end: Number.POSITIVE_INFINITY });
    expect(layout.extent(1)).toBeUndefined();
    layout.setLength(0, 10);
    layout.setLength(1, 0);
    expect(layout.extent(2)).toEqual({ start: 10, end: Number.POSITIVE_INFINITY });
    expect(layout.length).toBeUndefined();
    layout.setLength(2, 5);
    expect(layout.length).toBe(15);
  });

  test('covers the file without gap or overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 20 }), (lengths) => {
        const layout = new Layout(lengths.length);
        for (const [volume, length] of lengths.entries()) layout.setLength(volume, length);
        let at = 0;
        for (const [volume, length] of lengths.entries()) {
          expect(layout.extent(volume)).toEqual({ start: at, end: at + length });
          at += length;
        }
        expect(layout.length).toBe(at);
      }),
    );
  });
});

describe('votes on what a file is', () => {
  test.each([
    [{ supporters: 1, dissenters: 0, pending: 3, digestKnown: false }, 'keep'],
    [{ supporters: 1, dissenters: 1, pending: 0, digestKnown: false }, 'undecided'],
    [{ supporters: 1, dissenters: 1, pending: 1, digestKnown: false }, 'wait'],
    [{ supporters: 2, dissenters: 1, pending: 0, digestKnown: false }, 'keep'],
    [{ supporters: 1, dissenters: 2, pending: 0, digestKnown: false }, 'overturn'],
    [{ supporters: 1, dissenters: 1, pending: 0, digestKnown: true }, 'keep'],
    [{ supporters: 3, dissenters: 1, pending: 1, digestKnown: false }, 'keep'],
  ] as const)('%o: %s', (votes, expected) => {
    expect(verdict(votes)).toBe(expected);
  });

  test('never keep what a majority is against, and never wait for nobody', () => {
    const counts = fc.record({ supporters: fc.nat(6), dissenters: fc.nat(6), pending: fc.nat(6), digestKnown: fc.boolean() });
    fc.assert(
      fc.property(counts, (votes) => {
        const decided = verdict(votes);
        if (votes.dissenters > votes.supporters) expect(decided).toBe('overturn');
        if (votes.pending === 0) expect(decided).not.toBe('wait');
      }),
    );
  });
});

describe('the delay after a failure', () => {
  test('leaves room for several tries within the budget', () => {
    expect(longestWithin(300_000)).toBe(5_000);
    expect(longestWithin(4_000)).toBe(500);
    expect(longestWithin(100)).toBe(250);
  });

  test('grows, is capped, and is never nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0, max: 0.999999, noNaN: true }), (failures, random) => {
        const delay = backoff(failures, 5_000, () => random);
        expect(delay).toBeGreaterThan(0);
        expect(delay).toBeLessThanOrEqual(5_000);
        expect(backoff(failures + 1, 5_000, () => random)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });
});
