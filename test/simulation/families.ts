import type { Host } from './network.ts';
import { bound, seeded, simulate, type World } from './world.ts';

const MB = 1e6;

/** What one drawn world came to. */
export interface Judged {
  readonly seed: number;
  /** Time ÷ what it is held against. */
  readonly ratio: number;
  /** Share of the file's bytes that came twice. */
  readonly twice: number;
}

/** Worlds of one make, drawn by a seed, and the bar that each of them is held to. */
export interface Family {
  readonly name: string;
  readonly limit: number;
  readonly run: (seed: number) => Promise<Judged>;
}

interface Draw {
  readonly random: () => number;
  readonly seed: number;
}

/** A number between two others whose logarithm is evenly spread. */
const spread = (random: () => number, low: number, high: number): number => low * (high / low) ** random();

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

const measured = async (world: World): Promise<{ time: number; twice: number }> => {
  const outcome = await simulate(world);
  if (outcome.error !== undefined) throw outcome.error;
  return { time: outcome.time, twice: outcome.summary.twice / world.size };
};

/** Drawn worlds of one make, held to `limit` × their bound. */
const family = (name: string, limit: number, make: (draw: Draw) => World, boundOf: (world: World) => number = bound): Family => ({
  name,
  limit,
  run: async (seed) => {
    const world = make(draw(seed));
    const { time, twice } = await measured(world);
    return { seed, ratio: time / boundOf(world), twice };
  },
});

/** The bound where the last host works until `until` only. */
const boundWithout = (world: World, until: number): number => {
  const rest = world.hosts.slice(0, -1);
  const last = world.hosts.at(-1);
  if (last === undefined || bound(world) <= until) return bound(world);
  return bound({ ...world, hosts: rest, size: world.size - (last.rate * Math.max(0, until - 2 * last.latency)) / 1000 });
};

const failing = (one: Draw, how: 'stallsAt' | 'diesAt'): World => {
  const hosts = several(one, 3, mirror);
  const rate = hosts.reduce((sum, host) => sum + host.rate, 0);
  return worldOf([...hosts, { rate: rate / 2, latency: 20, [how]: 1_000 + 3_000 * one.random() }], one);
};

const until = (world: World): number => world.hosts.at(-1)?.stallsAt ?? world.hosts.at(-1)?.diesAt ?? 0;

/** Steady sources. */
export const steady: readonly Family[] = [
  family('mirrors', 1.05, (one) => worldOf(several(one, 4, mirror), one)),
  family('one origin that limits each connection', 1.05, (one) => worldOf([limited(one)], one)),
  family('two origins that limit each connection', 1.05, (one) => worldOf([limited(one), limited(one)], one)),
];

/** Sources of which one fails, or each now and then. */
export const unsteady: readonly Family[] = [
  family(
    'one that stalls',
    1.1,
    (one) => failing(one, 'stallsAt'),
    (world) => boundWithout(world, until(world)),
  ),
  family(
    'one that dies',
    1.1,
    (one) => failing(one, 'diesAt'),
    (world) => boundWithout(world, until(world)),
  ),
  family('every eighth request slow', 1.15, (one) =>
    worldOf(
      [...several(one, 3, mirror)].map((host) => ({ ...host, slowEvery: 8 })),
      one,
    ),
  ),
];

/** What a source may be like that is added to others. */
const extras: Readonly<Record<string, (draw: Draw) => Partial<Host>>> = {
  steady: () => ({}),
  'slow in every third request': () => ({ slowEvery: 3 }),
  dead: () => ({ diesAt: 0 }),
  'content with one connection': () => ({ maxConnections: 1, beyond: '429' }),
};

/** One more source than without it, held against the time without. */
export const added: readonly Family[] = Object.entries(extras).map(([name, how]) => ({
  name: `one that is ${name}`,
  limit: 1.01,
  run: async (seed) => {
    const one = draw(seed);
    const world = worldOf(several(one, 3, mirror), one);
    const extra: Host = { rate: MB * spread(one.random, 0.02, 20), latency: Math.round(spread(one.random, 2, 400)), ...how(one) };
    const before = await measured(world);
    const after = await measured({ ...world, hosts: [...world.hosts, extra] });
    return { seed, ratio: after.time / before.time, twice: after.twice };
  },
}));

/** The longest bound of a volume: each is brought by its own sources only. */
const boundOfVolumes = (world: World): number =>
  Math.max(
    ...(world.volumes ?? []).map((size, volume) => bound({ ...world, hosts: world.hosts.filter((host) => host.volume === volume), size })),
  );

/** Uneven volumes, each with its own mirrors; not more sources than there may be connections, or some would have to wait. */
const endToEnd = (one: Draw): World => {
  const count = 2 + Math.floor(one.random() * 5);
  const hosts = Array.from({ length: count }, (_, volume) => several(one, 3, mirror).map((host) => ({ ...host, volume }))).flat();
  const drawn = Array.from({ length: count }, () => Math.floor(MB * spread(one.random, 5, 200)));
  const kept = hosts.filter((host, index) => index < 16 || hosts[index - 1]?.volume !== host.volume);
  // Ten seconds at least, as in the other worlds: in less, finding out how many connections pay is most of the time.
  const least = boundOfVolumes({ hosts: kept, volumes: drawn, size: 0, seed: one.seed });
  const volumes = drawn.map((size) => Math.floor(size * Math.max(1, 10_000 / least)));
  return { hosts: kept, volumes, size: volumes.reduce((sum, size) => sum + size, 0), seed: one.seed };
};

/** Files that lie end to end. */
export const volumes: readonly Family[] = [family('steady sources of two to six volumes', 1.1, endToEnd, boundOfVolumes)];
