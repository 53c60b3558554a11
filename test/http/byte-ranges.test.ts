import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { requestedRanges } from '../../src/http/byte-ranges.ts';

type Answer = ReturnType<typeof requestedRanges>;

const ranges = (...pairs: readonly (readonly [number, number])[]): Answer => pairs.map(([start, end]) => ({ start, end }));
const many = (count: number): string => `bytes=${Array.from({ length: count }, (_, index) => `${index * 1000}-${index * 1000}`).join(',')}`;

describe('a request for ranges', () => {
  it.each<[string | undefined, number, Answer]>([
    [undefined, 10, 'all'],
    ['bytes=0-0', 10, ranges([0, 1])],
    ['bytes=0-1', 10, ranges([0, 2])],
    ['bytes=5-', 10, ranges([5, 10])],
    ['bytes=-3', 10, ranges([7, 10])],
    ['bytes=-30', 10, ranges([0, 10])],
    ['bytes=5-500', 10, ranges([5, 10])],
    ['bytes=0-', 10, ranges([0, 10])],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=10-,-0', 10, 'unsatisfiable'],
    ['bytes=10-,-1', 10, ranges([9, 10])],
    ['bytes=5-4', 10, 'all'],
    ['bytes=0-0,5-4', 10, 'all'],
    ['bytes=', 10, 'all'],
    ['bytes=a-b', 10, 'all'],
    ['lines=0-1', 10, 'all'],
    ['', 10, 'all'],
    // An empty file has no byte 0, but its last bytes are all of it.
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-5', 0, 'all'],
    ['bytes=-0', 0, 'unsatisfiable'],
    ['bytes=0-0,-5', 0, 'all'],
    ['bytes=0-0', 1, ranges([0, 1])],
    // Beyond 2^53.
    ['bytes=9007199254740993-', 10, 'unsatisfiable'],
    ['bytes=99999999999999999999-', Number.MAX_SAFE_INTEGER, 'unsatisfiable'],
    ['bytes=9007199254740993-9007199254740992', 10, 'all'],
    ['bytes=5-99999999999999999999', 10, ranges([5, 10])],
    ['bytes=-99999999999999999999', 10, ranges([0, 10])],
    ['bytes=9007199254740990-', Number.MAX_SAFE_INTEGER, ranges([9007199254740990, 9007199254740991])],
    // Coalesced where a part of its own would cost more.
    ['bytes=0-9,5-19', 1000, ranges([0, 20])],
    ['bytes=0-9,10-19', 1000, ranges([0, 20])],
    ['bytes=0-9,90-99', 1000, ranges([0, 100])],
    ['bytes=0-9,91-99', 1000, ranges([0, 10], [91, 100])],
    ['bytes=91-99,0-9', 1000, ranges([91, 100], [0, 10])],
    ['bytes=500-509,0-9,510-519', 1000, ranges([500, 520], [0, 10])],
    ['bytes=0-9,500-509,5-19', 1000, ranges([0, 20], [500, 510])],
    ['bytes=0-99,200-299,100-199', 1000, ranges([0, 300])],
    // What is more than the file is worth.
    ['bytes=0-,0-', 10, ranges([0, 10])],
    ['bytes=0-,0-,0-0', 10, 'all'],
    [many(32), 1e6, ranges(...Array.from({ length: 32 }, (_, index) => [index * 1000, index * 1000 + 1] as const))],
    [many(33), 1e6, 'all'],
    [many(33), 1, 'all'],
  ])('%j of %i bytes is %j', (field, length, answer) => {
    expect(requestedRanges(field, length)).toEqual(answer);
  });

  const spec = fc.oneof(
    fc.tuple(fc.nat(1500), fc.nat(200)).map(([first, more]) => `${first}-${first + more}`),
    fc.nat(1500).map((first) => `${first}-`),
    fc.nat(300).map((last) => `-${last}`),
  );

  /** The bytes that a spec asks for, one by one (RFC 9110 §14.1.2). */
  const bytesOf = (text: string, length: number): number[] => {
    const [first = '', last = ''] = text.split('-');
    return Array.from({ length }, (_, offset) => offset).filter((offset) =>
      first === '' ? offset >= length - Number(last) : offset >= Number(first) && (last === '' || offset <= Number(last)),
    );
  };

  it('is answered with every byte asked for once, nothing else but small gaps, and in its order', () => {
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1, maxLength: 8 }), fc.nat(1200), (specs, length) => {
        const wanted = specs.map((text) => bytesOf(text, length));
        const flat = wanted.flat();
        const answer = requestedRanges(`bytes=${specs.join(',')}`, length);
        if (flat.length === 0) {
          expect(answer).toBe(length === 0 && specs.some((text) => /^-0*[1-9]/.test(text)) ? 'all' : 'unsatisfiable');
          return;
        }
        if (flat.length > 2 * length) {
          expect(answer).toBe('all');
          return;
        }
        if (typeof answer === 'string') throw new Error(answer);
        const sent = answer.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
        const asked = new Set(flat);
        expect(new Set(sent).size).toBe(sent.length);
        expect([...asked].filter((offset) => !sent.includes(offset))).toEqual([]);
        const inGap = (offset: number): boolean => {
          const before = Math.max(-Infinity, ...flat.filter((other) => other < offset));
          const after = Math.min(Infinity, ...flat.filter((other) => other > offset));
          return after - before - 1 <= 80;
        };
        expect(sent.filter((offset) => !asked.has(offset) && !inGap(offset))).toEqual([]);
        const byStart = [...answer].sort((a, b) => a.start - b.start);
        for (const [index, range] of byStart.entries()) expect(range.start - (byStart[index - 1]?.end ?? -Infinity)).toBeGreaterThan(80);
        const turns = answer.map(({ start, end }) => wanted.findIndex(([offset = -1]) => offset >= start && offset < end));
        expect(turns).toEqual([...turns].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it('of any text and length is answered with ranges that are there', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-0-9, ]{0,60}$/));
    fc.assert(
      fc.property(text, fc.maxSafeNat(), (field, length) => {
        const answer = requestedRanges(field, length);
        if (typeof answer === 'string') return;
        expect(answer.length).toBeGreaterThan(0);
        for (const { start, end } of answer) expect(start >= 0 && start < end && end <= length).toBe(true);
      }),
    );
  });
});
