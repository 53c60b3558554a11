import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Limiter } from '../../src/core/limiter.ts';

describe('a limiter', () => {
  it('starts empty', () => {
    const limiter = new Limiter(1000, 0);
    expect(limiter.take(100, 0)).toBe(100);
    expect(limiter.take(100, 100)).toBe(0);
  });

  it('saves up no more than a quarter of a second', () => {
    const limiter = new Limiter(100_000, 0);
    expect(limiter.take(25_000, 60_000)).toBe(0);
    expect(limiter.take(1000, 60_000)).toBe(10);
  });

  it('lets everything pass without a rate', () => {
    expect(new Limiter(Infinity, 0).take(1e12, 0)).toBe(0);
  });

  it('goes by a new rate from the moment it is changed', () => {
    const limiter = new Limiter(1000, 0);
    expect(limiter.take(250, 0)).toBe(250);
    limiter.change(10_000, 0);
    expect(limiter.take(250, 0)).toBe(25);
    limiter.change(Infinity, 0);
    expect(limiter.take(250, 0)).toBe(0);
    limiter.change(1000, 100_000);
    expect(limiter.take(250, 100_000)).toBe(250);
  });

  it('never goes back in time', () => {
    const limiter = new Limiter(1000, 1000);
    expect(limiter.take(100, 500)).toBe(100);
    expect(limiter.take(101, 1100)).toBe(1);
    expect(limiter.take(100, 1100)).toBe(0);
  });

  it('gives more than the burst to one taker, who owes it', () => {
    const limiter = new Limiter(10_000, 0);
    expect(limiter.take(20_000, 250)).toBe(0);
    expect(limiter.take(2500, 250)).toBe(2000);
  });

  it('gives no stretch of time more than rate and burst, and wastes nothing of what is asked for', () => {
    const asks = fc.array(fc.record({ pause: fc.nat(400), bytes: fc.integer({ min: 1, max: 5000 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1_000_000 }), asks, (rate, turns) => {
        const limiter = new Limiter(rate, 0);
        const taken: { at: number; bytes: number }[] = [];
        let now = 0;
        for (const { pause, bytes } of turns) {
          now += pause;
          const size = Math.min(bytes, limiter.burst);
          const delay = limiter.take(size, now);
          if (delay > 0) {
            now += delay + 1e-6;
            expect(limiter.take(size, now)).toBe(0);
          }
          taken.push({ at: now, bytes: size });
        }
        for (const [index, first] of taken.entries()) {
          let sum = 0;
          for (const { at, bytes } of taken.slice(index)) {
            sum += bytes;
            expect(sum).toBeLessThanOrEqual(((at - first.at) * rate) / 1000 + limiter.burst + 1);
          }
        }
      }),
    );
  });
});
