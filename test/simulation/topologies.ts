import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Host } from './network.ts';
import { bound, seeded, simulate, type World } from './world.ts';

const MB = 1e6;

/** A number between two others whose logarithm is evenly spread. */
const spread = (random: () => number, low: number, high: number): number => low * (high / low) ** random();

interface Draw {
  readonly random: () => number;
  readonly seed: number;
}

const mirror = ({ random }: Draw): Host => ({ rate: MB * spread(random, 1, 20), latency: Math.round(spread(random, 2, 60)) });

const limited = (draw: Draw): Host => {
  const host = mirror(draw);
  return { ...host, perConnection: host.rate / (1 + Math.floor(draw.random() * 8)) };
};

const worldOf = (hosts: readonly Host[], { random, seed }: Draw): World => {
  const rate = hosts.reduce((sum, host) => sum + host.rate, 0);
  return { hosts, seed, size: Math.floor(Math.max(100 * MB, rate * (10 + 10 * random()))) };
};

const several = (draw: Draw, most: number, make: (draw: Draw) => Host): Host[] =>
  Array.from({ length: 1 + Math.floor(draw.random() * most) }, () => make(draw));

const draw = (seed: number): Draw => ({ random: seeded(seed), seed });

/** Drawn anew with HYDRANT_SEED; the same every time without, so that a green run stays green. */
const firstSeed = Number(process.env.HYDRANT_SEED ?? 20261122);

/** `runs` seeds, and the one that they come from in every failure. */
const seeds = (runs: number): readonly number[] => fc.sample(fc.nat(), { numRuns: runs, seed: firstSeed });

interface Judged {
  readonly seed: number;
  readonly ratio: number;
}

/** A `share` of `judged` is within `limit`, and none is more than `slack` beyond. */
const judge = (judged: readonly Judged[], limit: number, share: number, slack: number): void => {
  const worst = [...judged].sort((a, b) => b.ratio - a.ratio).slice(0, 3);
  const told = `HYDRANT_SEED=${firstSeed}; worst ${worst.map(({ seed, ratio }) => `${ratio.toFixed(4)} (seed ${seed})`).join(', ')}`;
  expect(judged.filter(({ ratio }) => ratio <= limit).length, told).toBeGreaterThanOrEqual(Math.floor(judged.length * share));
  expect(worst[0]?.ratio, told).toBeLessThanOrEqual(limit + slack);
};

/** Drawn worlds of one make end within `limit` × the bound, and bring at most one byte in a hundred twice. */
const family = (
  name: string,
  limit: number,
  runs: number,
  make: (draw: Draw) => World,
  boundOf: (world: World) => number = bound,
): void => {
  test(`${name}: ${runs} drawn topologies`, async () => {
    const judged: Judged[] = [];
    for (const seed of seeds(runs)) {
      const world = make(draw(seed));
      const outcome = await simulate(world);
      expect(outcome.error, `seed ${seed}`).toBeUndefined();
      expect(outcome.summary.twice / world.size, `seed ${seed}`).toBeLessThanOrEqual(0.01);
      judged.push({ seed, ratio: outcome.time / boundOf(world) });
    }
    judge(judged, limit, 0.99, 0.05);
  });
};

/** The bound where the last host works until `until` only. */
const boundWithout = (world: World, until: number): number => {
  const rest = world.hosts.slice(0, -1);
  const last = world.hosts.at(-1);
  if (last === undefined || bound(world) <= until) return bound(world);
  return bound({ ...world, hosts: rest, size: world.size - (last.rate * Math.max(0, until - 2 * last.latency)) / 1000 });
};

/** What a source may be like that is added to others. */
const extras: Readonly<Record<string, (draw: Draw) => Partial<Host>>> = {
  steady: () => ({}),
  'slow in every third request': () => ({ slowEvery: 3 }),
  dead: () => ({ diesAt: 0 }),
  'content with one connection': () => ({ maxConnections: 1, beyond: '429' }),
};

/** Properties of whole transfers over drawn topologies, `runs` of each kind; a failure prints its seed. */
export const topologies = (runs: number): void => {
  describe('steady sources end within 5 % of the bound', () => {
    family('mirrors', 1.05, runs, (one) => worldOf(several(one, 4, mirror), one));
    family('one origin that limits each connection', 1.05, runs, (one) => worldOf([limited(one)], one));
    family('two origins that limit each connection', 1.05, runs, (one) => worldOf([limited(one), limited(one)], one));
  });

  describe('a source that fails costs little', () => {
    const failing = (one: Draw, how: 'stallsAt' | 'diesAt'): World => {
      const hosts = several(one, 3, mirror);
      const rate = hosts.reduce((sum, host) => sum + host.rate, 0);
      return worldOf([...hosts, { rate: rate / 2, latency: 20, [how]: 1_000 + 3_000 * one.random() }], one);
    };
    const until = (world: World): number => world.hosts.at(-1)?.stallsAt ?? world.hosts.at(-1)?.diesAt ?? 0;
    for (const how of ['stallsAt', 'diesAt'] as const) {
      family(
        `one that ${how === 'stallsAt' ? 'stalls' : 'dies'}`,
        1.1,
        runs,
        (one) => failing(one, how),
        (world) => boundWithout(world, until(world)),
      );
    }
    family('every eighth request slow', 1.15, runs, (one) =>
      worldOf(
        [...several(one, 3, mirror)].map((host) => ({ ...host, slowEvery: 8 })),
        one,
      ),
    );
  });

  describe('one more source never makes a transfer slower by more than 1 %', () => {
    test.each(Object.entries(extras))(`one that is %s: ${runs} drawn topologies`, async (_, how) => {
      const judged: Judged[] = [];
      for (const seed of seeds(runs)) {
        const one = draw(seed);
        const world = worldOf(several(one, 3, mirror), one);
        const extra: Host = { rate: MB * spread(one.random, 0.02, 20), latency: Math.round(spread(one.random, 2, 400)), ...how(one) };
        const before = await simulate(world);
        const after = await simulate({ ...world, hosts: [...world.hosts, extra] });
        expect(after.error, `seed ${seed}`).toBeUndefined();
        judged.push({ seed, ratio: after.time / before.time });
      }
      judge(judged, 1.01, 0.97, 0.05);
    });
  });
};
