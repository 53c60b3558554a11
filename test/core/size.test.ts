import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { formatDuration, formatRate, formatSize, parseDuration, parseRate, parseSize } from '../../src/core/size.ts';

const mebi = 1024 ** 2;

const valueOrInvalid = <T>(act: () => T): T | 'invalid' => {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof HydrantError) || error.code !== 'OPTION_INVALID') throw error;
    expect(error.message).not.toMatch(/[\n\r]/);
    return 'invalid';
  }
};

describe('a size', () => {
  it.each([
    ['0', 0],
    ['4096', 4096],
    ['4096B', 4096],
    ['64M', 64 * mebi],
    ['64m', 64 * mebi],
    ['1.5MiB', 1.5 * mebi],
    ['10kB', 10_240],
    ['10KB', 10_240],
    ['10 KiB', 10_240],
    ['.5G', 512 * mebi],
    ['2T', 2 * mebi * mebi],
    ['1P', 1024 ** 5],
    [' 1k ', 1024],
    ['1.3k', 1331],
  ])('%j is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'M', '-1', '1,5M', '1e3', '1X', '64MM', '0x10', '1 2', 'Infinity', '99999P', '1i', '1iB'])('is not %j', (text) => {
    expect(valueOrInvalid(() => parseSize(text))).toBe('invalid');
  });

  it('says what was wrong and what to write', () => {
    expect(() => parseSize('12Q')).toThrow('"12Q" is not a size: write bytes, or a number with K, M, G or T such as 64M');
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1023.6, '1.0 KiB'],
    [1024, '1.0 KiB'],
    [12.34 * mebi, '12.3 MiB'],
    [mebi - 1, '1.0 MiB'],
    [1024 ** 4, '1.0 TiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [1e19, '8881.8 PiB'],
  ])('of %d bytes is %s to people', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('comes back from what people read within the rounding of one decimal', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(20), (low, shift) => {
        const bytes = low * 2 ** shift;
        const text = formatSize(bytes);
        expect(Math.abs(parseSize(text) - bytes)).toBeLessThanOrEqual(bytes * 0.051);
        expect(text.length).toBeLessThanOrEqual(10);
      }),
    );
  });
});

describe('a rate', () => {
  it.each([
    ['2.5M', 2.5 * mebi],
    ['100', 100],
    ['1.5 MiB/s', 1.5 * mebi],
    ['off', undefined],
    ['OFF', undefined],
  ])('%j is %s bytes per second', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it.each(['0', '', '-1', '0.1', 'none', '1M/m', 'off/s'])('is not %j', (text) => {
    expect(valueOrInvalid(() => parseRate(text))).toBe('invalid');
  });

  it('is given to people per second', () => {
    expect(formatRate(1.2 * mebi)).toBe('1.2 MiB/s');
  });
});

describe('a duration', () => {
  it.each([
    ['10s', 10_000],
    ['5m', 300_000],
    ['500ms', 500],
    ['1h', 3_600_000],
    ['1.5H', 5_400_000],
    ['1d', 86_400_000],
    ['10', 10_000],
    ['0', 0],
    ['0.5 s', 500],
  ])('%j is %i milliseconds', (text, time) => {
    expect(parseDuration(text)).toBe(time);
  });

  it.each(['', 's', '-1s', '1y', '1h30m', '1e3s', '99999999999999d'])('is not %j', (text) => {
    expect(valueOrInvalid(() => parseDuration(text))).toBe('invalid');
  });

  it.each([
    [0, '0:00'],
    [499, '0:00'],
    [7_000, '0:07'],
    [59_600, '1:00'],
    [723_000, '12:03'],
    [3_599_000, '59:59'],
    [3_723_000, '1:02:03'],
    [360_000_000, '100:00:00'],
    [Infinity, '-:--'],
    [NaN, '-:--'],
    [-5_000, '-:--'],
  ])('of %d milliseconds is %s to people', (time, text) => {
    expect(formatDuration(time)).toBe(text);
  });
});

describe('any text', () => {
  it('is a whole amount or an invalid option', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{0,20} ?[a-zA-Z/]{0,4}$/));
    for (const parse of [parseSize, parseRate, parseDuration])
      fc.assert(
        fc.property(text, (written) => {
          const value = valueOrInvalid(() => parse(written));
          if (typeof value === 'number') expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        }),
      );
  });
});
