import fc from 'fast-check';
import { expect, it } from 'vitest';

import { bytesFigure, durationFigure, percentFigure, rateFigure, textOfFigure } from '../../web/src/text/numbers.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024, '1.00 KiB'],
  [10 * 1024, '10.0 KiB'],
  [123_456_789, '118 MiB'],
  [5 * 2 ** 30, '5.00 GiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(textOfFigure(bytesFigure(bytes))).toBe(text);
});

it('a size never has more than three digits, whatever it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      expect(bytesFigure(bytes).figure).toMatch(/^\d{1,3}$|^\d\.\d\d$|^\d\d\.\d$/);
    }),
  );
});

it('a hundred percent are said only where nothing is missing', () => {
  expect(textOfFigure(percentFigure(99_999, 100_000))).toBe('99%');
  expect(textOfFigure(percentFigure(100_000, 100_000))).toBe('100%');
  expect(textOfFigure(percentFigure(1, 1000))).toBe('0.1%');
  expect(textOfFigure(percentFigure(0, 0))).toBe('0%');
});

it('rates and durations are short', () => {
  expect(textOfFigure(rateFigure(1_572_864))).toBe('1.50 MiB/s');
  expect([4, 187, 7509, Number.POSITIVE_INFINITY].map((seconds) => textOfFigure(durationFigure(seconds)))).toEqual([
    '4 s',
    '3:07',
    '2:05:09',
    '–',
  ]);
});
