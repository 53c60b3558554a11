import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RateMeter } from '../../src/core/rate-meter.ts';

const steady = (meter: RateMeter, from: number, to: number, every: number, bytes: number): void => {
  for (let now = from; now <= to; now += every) meter.add(now, bytes);
};

describe('a rate', () => {
  test('is unknown before there is enough to tell', () => {
    const meter = new RateMeter();
    expect(meter.rate(0)).toBeUndefined();
    meter.add(0, 65_536);
    expect(meter.rate(5_000)).toBeUndefined();
  });

  test('is what arrives steadily, whatever the size of the chunks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 2_000 }), fc.integer({ min: 1, max: 1_000_000 }), (every, bytes) => {
        const meter = new RateMeter();
        const to = every * 50;
        steady(meter, 0, to, every, bytes);
        expect(meter.rate(to)).toBeCloseTo((bytes * 1000) / every, -1);
      }),
    );
  });

  test('falls while nothing arrives', () => {
    const meter = new RateMeter();
    steady(meter, 0, 2_000, 100, 100_000);
    expect(meter.rate(4_000) ?? 0).toBeLessThan((meter.rate(2_000) ?? 0) / 2);
  });

  test('follows a change within about a second', () => {
    const meter = new RateMeter();
    steady(meter, 0, 5_000, 50, 50_000);
    steady(meter, 5_050, 6_300, 50, 5_000);
    expect(meter.rate(6_300) ?? 0).toBeLessThan(200_000);
  });

  test('does not count time that was spent waiting', () => {
    const meter = new RateMeter();
    steady(meter, 0, 1_000, 50, 50_000);
    meter.skip(10_000);
    steady(meter, 11_050, 11_200, 50, 50_000);
    expect(meter.rate(11_200)).toBeGreaterThan(800_000);
  });
});
