import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import type { Range } from '../../src/core/range.ts';
import {
  contentRange,
  parseContentRange,
  parseRangeField,
  parseWanted,
  rangeField,
  unsatisfiedRange,
  type WantedRange,
  wantedOf,
} from '../../src/http/range-field.ts';

const largest = Number.MAX_SAFE_INTEGER;
const range = fc
  .tuple(fc.nat(largest - 1), fc.nat(largest - 1))
  .map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }));

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof HydrantError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a Range field', () => {
  it('asks for a half-open range by its first and last byte', () => {
    expect(rangeField({ start: 0, end: 1 })).toBe('bytes=0-0');
    expect(rangeField({ start: 5, end: Infinity })).toBe('bytes=5-');
  });

  it.each<Range>([
    { start: 5, end: 5 },
    { start: 5, end: 4 },
    { start: -1, end: 4 },
    { start: 0.5, end: 4 },
    { start: 0, end: largest + 1 },
    { start: NaN, end: NaN },
  ])('cannot ask for %j', (asked) => {
    expect(codeOf(() => rangeField(asked))).toBe('RANGE_UNSATISFIABLE');
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(range, (asked) => {
        expect(parseRangeField(rangeField(asked))).toEqual([asked]);
      }),
    );
  });

  it.each<[string, readonly WantedRange[] | undefined]>([
    ['bytes=0-499', [{ start: 0, end: 500 }]],
    ['Bytes=500-', [{ start: 500, end: Infinity }]],
    ['bytes=-500', [{ last: 500 }]],
    ['bytes= 0-0 ,\t-1', [{ start: 0, end: 1 }, { last: 1 }]],
    [
      'bytes=0-0,,5-5,',
      [
        { start: 0, end: 1 },
        { start: 5, end: 6 },
      ],
    ],
    ['bytes=-0', [{ last: 0 }]],
    ['bytes=0-18446744073709551615', [{ start: 0, end: Infinity }]],
    ['bytes=-18446744073709551615', [{ last: largest }]],
    ['bytes=18446744073709551615-', [{ start: largest, end: Infinity }]],
    ['bytes=18446744073709551615-18446744073709551616', [{ start: largest, end: Infinity }]],
    ['bytes=18446744073709551616-18446744073709551615', undefined],
    ['bytes=5-4', undefined],
    ['bytes=0-0,5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes=,', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0x1-0x2', undefined],
    ['bytes=--1', undefined],
    ['bytes=1 - 2', undefined],
    ['bytes 0-1', undefined],
    ['lines=0-1', undefined],
    ['0-1', undefined],
  ])('%j means %j (RFC 9110 §14.2)', (field, wanted) => {
    expect(parseRangeField(field)).toEqual(wanted);
  });

  it('of any text is read without throwing, and never as a range without bytes', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-0-9, ]{0,40}$/));
    fc.assert(
      fc.property(text, (field) => {
        for (const wanted of parseRangeField(field) ?? []) if ('start' in wanted) expect(wanted.end).toBeGreaterThan(wanted.start);
      }),
    );
  });
});

describe('a range that a user wants', () => {
  it.each<[string, number, Range | undefined]>([
    ['0-499', 1000, { start: 0, end: 500 }],
    ['0-499', 100, { start: 0, end: 100 }],
    ['500-', 1000, { start: 500, end: 1000 }],
    ['-500', 1000, { start: 500, end: 1000 }],
    ['-5000', 1000, { start: 0, end: 1000 }],
    [' 7-7 ', 1000, { start: 7, end: 8 }],
    ['1000-', 1000, undefined],
    ['0-', 0, undefined],
    ['-1', 0, undefined],
  ])('as %j of %i bytes is %j', (text, length, found) => {
    expect(wantedOf(parseWanted(text), length)).toEqual(found);
  });

  it.each(['', '-', '-0', '5', '5-4', 'a-b', '1-2-3', '1-2,3-4', '99999999999999999999-'])('is not %j', (text) => {
    expect(codeOf(() => parseWanted(text))).toBe('OPTION_INVALID');
  });
});

describe('a Content-Range field', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(range, fc.option(fc.nat(largest), { nil: undefined }), (sent, beyond) => {
        const length = beyond === undefined ? undefined : Math.max(sent.end, beyond);
        expect(parseContentRange(contentRange(sent, length))).toEqual({ range: sent, length });
      }),
    );
    expect(parseContentRange(unsatisfiedRange(5))).toEqual({ range: undefined, length: 5 });
  });

  it.each([
    ['bytes 0-0/1', { range: { start: 0, end: 1 }, length: 1 }],
    ['BYTES  5-9/*', { range: { start: 5, end: 10 }, length: undefined }],
    [' bytes */0 ', { range: undefined, length: 0 }],
    ['bytes 5-4/10', undefined],
    ['bytes 5-10/10', undefined],
    ['bytes */*', undefined],
    ['bytes 5-/10', undefined],
    ['bytes -5/10', undefined],
    ['bytes 0-0', undefined],
    ['bytes=0-0/1', undefined],
    ['bytes 0-0/1, bytes 2-2/3', undefined],
    ['lines 0-0/1', undefined],
    [`bytes 0-${largest}/*`, undefined],
    ['bytes 0-0/99999999999999999999', undefined],
    ['', undefined],
  ])('%j means %j (RFC 9110 §14.4)', (field, found) => {
    expect(parseContentRange(field)).toEqual(found);
  });

  it('of any text is read without throwing', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^bytes [-0-9*/]{0,40}$/));
    fc.assert(
      fc.property(text, (field) => {
        expect(() => parseContentRange(field)).not.toThrow();
      }),
    );
  });
});
