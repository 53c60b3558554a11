import { describe, expect, it } from 'vitest';

import { statsOf } from '../../src/cache/stats.ts';
import { RangeSet } from '../../src/core/range-set.ts';
import { factsOf } from './facts.ts';

const mebibyte = 1_048_576;

describe('what is held, for people', () => {
  it('counts whole blocks, the last of which may be short', () => {
    const facts = factsOf(2 * mebibyte + 7);
    expect(statsOf(facts, new RangeSet([{ start: 1, end: 3 }]))).toEqual({
      facts,
      cached: mebibyte + 7,
      blocks: 3,
      blocksCached: 2,
      map: [0, 100, 100],
    });
  });

  it('is told in 128 even parts at most', () => {
    const { map, blocks } = statsOf(factsOf(300 * mebibyte), new RangeSet([{ start: 0, end: 4 }]));
    expect(blocks).toBe(300);
    expect(map).toHaveLength(128);
    // Part 0 is blocks 0 and 1, part 1 blocks 2 and 3, part 2 blocks 4 to 6.
    expect(map.slice(0, 3)).toEqual([100, 100, 0]);
    expect(statsOf(factsOf(300 * mebibyte), new RangeSet([{ start: 4, end: 5 }])).map[2]).toBe(33);
  });

  it('is nothing while the length is not known, or where there is nothing to hold', () => {
    for (const length of [undefined, 0]) {
      expect(statsOf(factsOf(length), new RangeSet())).toMatchObject({ cached: 0, blocks: 0, blocksCached: 0, map: [] });
    }
  });
});
