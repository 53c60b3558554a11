import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { samplesOf } from '../../src/client/existing.ts';
import { sizeOf } from '../../src/core/range.ts';
import { RangeSet } from '../../src/core/range-set.ts';

describe('samples of a finished file', () => {
  it('lie apart inside it, hold both ends, and are little', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.array(random, { minLength: 2, maxLength: 2 }), (length, draws) => {
        const set = new RangeSet();
        let total = 0;
        const samples = samplesOf(length, () => draws.pop() ?? 0);
        for (const range of samples) total += set.add(range);
        expect(total).toBe(samples.reduce((sum, range) => sum + sizeOf(range), 0));
        expect(total).toBe(Math.min(length, 64 * 1024));
        expect(set.runFrom(0) > 0 || length === 0).toBe(true);
        expect(samples.at(-1)?.end ?? 0).toBe(length);
      }),
    );
  });
});
