import { describe, expect, it } from 'vitest';

import { firstMissing, sizeIn } from '../../src/client/region.ts';
import { RangeSet } from '../../src/core/range-set.ts';

describe('a region', () => {
  it('is as long as the file lets it be', () => {
    expect(sizeIn(undefined, 10)).toBe(10);
    expect(sizeIn({ start: 4, end: 20 }, 10)).toBe(6);
    expect(sizeIn({ start: 4, end: 20 }, undefined)).toBe(16);
    expect(sizeIn({ start: 4, end: Infinity }, undefined)).toBeUndefined();
    expect(sizeIn({ start: 12, end: 20 }, 10)).toBe(0);
  });

  it('is first asked for where bytes are missing, inside the file', () => {
    expect(firstMissing(new RangeSet(), 10)).toBe(0);
    expect(
      firstMissing(
        new RangeSet([
          { start: 0, end: 4 },
          { start: 6, end: 7 },
        ]),
        10,
      ),
    ).toBe(4);
    expect(firstMissing(new RangeSet([{ start: 0, end: 10 }]), 10)).toBe(9);
    expect(firstMissing(new RangeSet(), 0)).toBe(0);
  });
});
