import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { volumeNames, volumeSizes } from '../../src/filter/volumes.ts';

const MiB = 1_048_576;
const half = () => 0.5;

describe('sizes of volumes', () => {
  it('are one where all fits, or nothing bounds it', () => {
    expect(volumeSizes(100, 0, 'fixed', half)).toEqual([100]);
    expect(volumeSizes(100, 100, 'random', half)).toEqual([100]);
    expect(volumeSizes(0, 0, 'fixed', half)).toEqual([0]);
  });

  it('are the bound and a rest when they are fixed', () => {
    expect(volumeSizes(100, 30, 'fixed', half)).toEqual([30, 30, 30, 10]);
    expect(volumeSizes(90, 30, 'fixed', half)).toEqual([30, 30, 30]);
  });

  it('add up, stay within the bound and above half of it or a mebibyte, whatever is drawn', () => {
    fc.assert(
      fc.property(
        fc.nat(200 * MiB),
        fc.integer({ min: MiB / 4, max: 50 * MiB }),
        fc.constantFrom('random', 'fixed'),
        fc.nat(),
        (total, max, mode, seed) => {
          let state = seed;
          const random = () => {
            state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
            return state / 2 ** 31;
          };
          const sizes = volumeSizes(total, max, mode, random);
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
          for (const size of sizes) expect(size).toBeLessThanOrEqual(max);
          for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(Math.max(Math.floor(max / 2), Math.min(MiB, max)));
          if (total > 0) expect(sizes.at(-1)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('are refused where they would be too many', () => {
    const refusal = expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/^chacha20: .*more than 10000 volumes/),
    });
    expect(() => volumeSizes(10_001, 1, 'fixed', half)).toThrow(refusal);
    expect(volumeSizes(10_000, 1, 'fixed', half)).toHaveLength(10_000);
  });
});

describe('names of volumes', () => {
  it('count from 1 with as many digits as the last one has', () => {
    expect(volumeNames('a', '.part{N}.enc', 3)).toEqual(['a.part1.enc', 'a.part2.enc', 'a.part3.enc']);
    const ten = volumeNames('a', '-{N}', 10);
    expect([ten[0], ten[9]]).toEqual(['a-01', 'a-10']);
  });

  it('leave the number out where there is but one', () => {
    expect(volumeNames('a', '.part{N}.enc', 1)).toEqual(['a.part.enc']);
    expect(volumeNames('a', '.{N}.enc', 1)).toEqual(['a.enc']);
  });

  it('are refused where all would be the same', () => {
    expect(() => volumeNames('a', '.enc', 2)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
