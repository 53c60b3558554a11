import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { added, type Family, type Judged, steady, unsteady, volumes } from './families.ts';

/** Drawn anew with HYDRANT_SEED; the same every time without, so that a green run stays green. */
const firstSeed = Number(process.env.HYDRANT_SEED ?? 20261122);

/** A `share` of `judged` is within `limit`, and none is more than `slack` beyond. */
const judge = (judged: readonly Judged[], limit: number, share: number, slack: number): void => {
  const worst = [...judged].sort((a, b) => b.ratio - a.ratio).slice(0, 3);
  const told = `HYDRANT_SEED=${firstSeed}; worst ${worst.map(({ seed, ratio }) => `${ratio.toFixed(4)} (seed ${seed})`).join(', ')}`;
  expect(judged.filter(({ ratio }) => ratio <= limit).length, told).toBeGreaterThanOrEqual(Math.floor(judged.length * share));
  expect(worst[0]?.ratio, told).toBeLessThanOrEqual(limit + slack);
  for (const { seed, twice } of judged) expect(twice, `seed ${seed}`).toBeLessThanOrEqual(0.01);
};

const hold = (families: readonly Family[], runs: number, share: number, slack: number): void => {
  test.each(families.map((family) => ({ ...family, runs })))('$name: $runs drawn topologies', async ({ limit, run }) => {
    const judged: Judged[] = [];
    for (const seed of fc.sample(fc.nat(), { numRuns: runs, seed: firstSeed })) judged.push(await run(seed));
    judge(judged, limit, share, slack);
  });
};

/** Properties of whole transfers over drawn topologies, `runs` of each kind; a failure prints its seed. */
export const topologies = (runs: number): void => {
  describe('steady sources end within 5 % of the bound', () => hold(steady, runs, 1, 0));
  describe('volumes end within 10 % of the bound of the longest', () => hold(volumes, runs, 1, 0));
  describe('a source that fails costs little', () => hold(unsteady, runs, 1, 0));
  describe('one more source never makes a transfer slower by more than 1 %', () => hold(added, runs, 0.99, 0.005));
};
