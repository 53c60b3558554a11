import { describe, expect, test } from 'vitest';

import type { Host } from './network.ts';
import { bound, type Outcome, seeded, simulate, type World } from './world.ts';

const MB = 1e6;

const inTheBound = async (world: World, limit: number, boundOf: World = world): Promise<Outcome> => {
  const outcome = await simulate(world);
  expect(outcome.error).toBeUndefined();
  expect(outcome.time / bound(boundOf, world.settings?.perOrigin, world.settings?.connections)).toBeLessThanOrEqual(limit);
  expect(outcome.summary.twice / world.size).toBeLessThanOrEqual(0.01);
  return outcome;
};

const world = (hosts: readonly Host[], more: Partial<World> = {}): World => ({ hosts, size: 100 * MB, seed: 1, ...more });

test('mirrors do not wait for the samples of one that takes a single request at a time', async () => {
  const hosts: Host[] = [
    { rate: 0.2 * MB, latency: 3, maxConnections: 1, beyond: '429' },
    { rate: 8 * MB, latency: 30 },
    { rate: 8 * MB, latency: 40 },
  ];
  await inTheBound(world(hosts), 1.05);
});

describe('steady sources end within 5 % of the bound', () => {
  const worlds: Record<string, World> = {
    'one source': world([{ rate: 8 * MB, latency: 20 }]),
    'three mirrors of 8, 4 and 1 MB/s': world([
      { rate: 8 * MB, latency: 20 },
      { rate: 4 * MB, latency: 20 },
      { rate: MB, latency: 20 },
    ]),
    'two good mirrors and one of 50 KB/s': world([
      { rate: 8 * MB, latency: 20 },
      { rate: 8 * MB, latency: 20 },
      { rate: 0.05 * MB, latency: 20 },
    ]),
    'the slow mirror first': world([
      { rate: 0.05 * MB, latency: 20 },
      { rate: 8 * MB, latency: 20 },
      { rate: 8 * MB, latency: 20 },
    ]),
    'eight equal mirrors at 150 ms': world(Array.from({ length: 8 }, () => ({ rate: MB, latency: 75 }))),
    'connections of 1 MB/s each': world([{ rate: 100 * MB, perConnection: MB, latency: 50 }]),
    'connections of 2 MB/s each, 20 in all': world([{ rate: 20 * MB, perConnection: 2 * MB, latency: 20 }], {
      settings: { connections: 16, perOrigin: 16 },
    }),
    'a client link slower than its sources': world(
      [
        { rate: 8 * MB, latency: 20 },
        { rate: 8 * MB, latency: 20 },
      ],
      { link: 6 * MB },
    ),
  };
  test.each(Object.entries(worlds))('%s', async (_, one) => {
    await inTheBound(one, 1.05);
  });
});

describe('many volumes', () => {
  test('leave no warning of too many listeners', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    try {
      const hosts = Array.from({ length: 14 }, (_, volume) => ({ rate: MB, latency: 20, volume }));
      const outcome = await simulate({ hosts, volumes: hosts.map(() => MB), size: 14 * MB, seed: 1 });
      expect(outcome.error).toBeUndefined();
    } finally {
      process.off('warning', note);
    }
    expect(warnings).toEqual([]);
  });
});

describe('a source that stalls, dies or slows', () => {
  const good: Host = { rate: 8 * MB, latency: 20 };
  /** The bound when a second source of 8 MB/s is there for three seconds only. */
  const late = world([good], { size: 100 * MB - 3 * 8 * MB });

  test('costs no more than a tenth when it stalls', async () => {
    await inTheBound(world([good, { ...good, stallsAt: 3_000 }]), 1.1, late);
  });

  test('costs no more than a tenth when it dies', async () => {
    await inTheBound(world([good, { ...good, diesAt: 3_000 }]), 1.1, late);
  });

  test('costs little when every eighth request is slow', async () => {
    await inTheBound(world([{ rate: 8 * MB, perConnection: MB, latency: 20, slowEvery: 8 }]), 1.15);
  });

  test('never has the last bytes waited for when each of its answers stalls', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const host = (): Host => ({ rate: 2 * MB * 100 ** random(), latency: 0.2 + 5 * random() });
      const hosts = [{ ...host(), stallsAfter: 100_000 }, host()];
      const outcome = await simulate({ hosts, size: 8 * MB, seed, settings: { retryTimeout: 4_000 } });
      expect(outcome.error, `seed ${seed}`).toBeUndefined();
    }
  });

  test('is tried without end neither in races nor in steals', async () => {
    // Drawn once: the stalled source raced its own silent lease again and again, so that none was ever old enough to be blamed.
    const outcome = await simulate({
      hosts: [
        { rate: 1383775.924542844, latency: 35 },
        { rate: 1811193.6534587443, latency: 22 },
        { rate: 1597484.7890007943, latency: 20, stallsAt: 3580.7549450546503 },
      ],
      seed: 277652625,
      size: 100 * MB,
    });
    expect(outcome.error).toBeUndefined();
    expect(outcome.requests).toBeLessThan(200);
  });

  test('is used again after an outage', async () => {
    const outcome = await simulate(world([{ ...good, diesAt: 3_000, comesBackAt: 18_000 }]));
    expect(outcome.error).toBeUndefined();
    expect(outcome.time).toBeLessThan(15_000 + 1.4 * 12_500);
    expect(outcome.summary.twice).toBe(0);
  });

  test('ends the transfer when it never comes back', async () => {
    const outcome = await simulate(world([{ ...good, diesAt: 3_000 }], { settings: { retryTimeout: 60_000 } }));
    expect(outcome.error?.code).toBe('SOURCE_UNREACHABLE');
    expect(outcome.time).toBeGreaterThan(60_000);
    expect(outcome.time).toBeLessThan(70_000);
  });
});

describe('an origin that allows k connections is asked in vain at most 20 times', () => {
  const limits = [1, 2, 3, 5].flatMap((count) => (['429', '503', 'reset', 'hang'] as const).map((beyond) => ({ count, beyond })));
  test.each(limits)('$count, then $beyond', async ({ count, beyond }) => {
    const outcome = await simulate(world([{ rate: 20 * MB, perConnection: 2 * MB, latency: 20, maxConnections: count, beyond }]));
    expect(outcome.error).toBeUndefined();
    expect(outcome.refused).toBeLessThanOrEqual(20);
  });
});

describe('mirrors with different files of one length', () => {
  const honest: Host = { rate: 8 * MB, latency: 20 };
  const liar: Host = { ...honest, content: 7 };

  test('are found out before a mixed file exists', async () => {
    const outcome = await simulate(world([honest, liar]));
    expect(outcome.error?.code).toBe('SOURCES_DISAGREE');
    expect(outcome.contents.length).toBeLessThanOrEqual(1);
  });

  test.each([
    ['first', [liar, honest, honest]],
    ['second', [honest, liar, honest]],
    ['last', [honest, honest, liar]],
    ['quickest', [honest, { ...liar, latency: 2 }, honest]],
  ])('are decided by a third source, the liar %s', async (_, hosts) => {
    const outcome = await simulate(world(hosts));
    expect(outcome.error).toBeUndefined();
    expect(outcome.contents).toEqual([0]);
    const named = outcome.summary.sources.find((source) => source.status === 'out');
    expect(named?.message).toMatch(/other|another/);
    expect(hosts[Number(/host(\d)/.exec(named?.url ?? '')?.[1])]?.content).toBe(7);
  });

  test('are not mixed where a digest will decide', async () => {
    const outcome = await simulate(world([honest, liar], { digestKnown: true }));
    expect(outcome.error).toBeUndefined();
    expect(outcome.contents).toHaveLength(1);
  });
});

describe('a mirror that lies in a part of the file only', () => {
  const size = 100 * MB;
  const honest: Host = { rate: 8 * MB, latency: 20 };
  const liars: Record<string, Host> = {
    'the last bytes': { ...honest, lies: { from: size - 1_000, to: size } },
    'all but the beginning': { ...honest, lies: { from: 200_000, to: size - 100_000 } },
    'all, once it is trusted': { ...honest, lies: { from: 0, to: size, after: 400 } },
    'all, once half is there': { ...honest, lies: { from: 0, to: size, after: 2_150 } },
  };
  const seeds = Array.from({ length: 40 }, (_, index) => index);
  const rows = Object.keys(liars).flatMap((name) => [0, 1, 2].map((place) => [name, place] as const));

  test.each(rows)('is outvoted by two others, what it brought is fetched anew: %s, as number %i', async (name, place) => {
    const hosts = [0, 1, 2].map((index) => (index === place ? (liars[name] as Host) : honest));
    for (const seed of seeds) {
      const outcome = await simulate(world(hosts, { seed }));
      expect(outcome.error, `seed ${seed}`).toBeUndefined();
      expect(outcome.contents, `seed ${seed}`).toEqual([0]);
      const left = outcome.summary.sources.filter((source) => source.status === 'out');
      expect(
        left.map(({ url }) => url),
        `seed ${seed}`,
      ).toEqual([`http://host${place}.test/file`]);
    }
  });

  test.each(rows.filter(([, place]) => place < 2))('is found out by one other, which ends it: %s, as number %i', async (name, place) => {
    const hosts = [0, 1].map((index) => (index === place ? (liars[name] as Host) : honest));
    for (const seed of seeds) {
      const outcome = await simulate(world(hosts, { seed }));
      expect(outcome.error?.code, `seed ${seed}`).toBe('SOURCES_DISAGREE');
    }
  });

  test('costs honest ones less than a thousandth of the file, and few requests', async () => {
    for (const count of [2, 3, 4]) {
      const one = world(
        Array.from({ length: count }, () => honest),
        { size: 4 * size },
      );
      const outcome = await simulate(one);
      expect(outcome.summary.twice / one.size).toBeLessThan(0.001);
      expect(outcome.requests).toBeLessThan(count * 40);
    }
  });
});
