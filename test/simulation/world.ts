import { createHash } from 'node:crypto';

import { HydrantError } from '../../src/core/errors.ts';
import type { Chunk, Random, Store } from '../../src/core/ports.ts';
import type { Range } from '../../src/core/range.ts';
import { RangeSet } from '../../src/core/range-set.ts';
import { allOf } from '../../src/engine/demand.ts';
import type { Summary } from '../../src/engine/meter.ts';
import type { Settings } from '../../src/engine/ports.ts';
import { Sources } from '../../src/engine/sources.ts';
import { Transfer } from '../../src/engine/transfer.ts';
import { type Host, Network } from './network.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A small seeded generator (mulberry32). */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** A store that remembers which content each byte was of, not the bytes. */
class ContentStore implements Store {
  readonly held = new RangeSet();
  readonly contents = new Map<number, RangeSet>();

  write(offset: number, chunk: Chunk): undefined {
    const range = { start: offset, end: offset + chunk.bytes.length };
    const content = chunk.bytes[0] ?? 0;
    for (const [other, set] of this.contents) if (other !== content) set.remove(range);
    const set = this.contents.get(content) ?? new RangeSet();
    this.contents.set(content, set);
    set.add(range);
    this.held.add(range);
    chunk.release();
    return undefined;
  }

  /** Whether every byte is of the volume that lies there. */
  isInOrder(volumes: readonly number[]): boolean {
    let start = 0;
    return volumes.every((size, volume) => {
      const range = { start, end: start + size };
      start = range.end;
      return this.contents.get(volume)?.covers(range);
    });
  }

  async read(range: Range): Promise<Uint8Array> {
    const bytes = new Uint8Array(range.end - range.start);
    for (const [content, set] of this.contents)
      for (const part of set.within(range)) bytes.fill(content, part.start - range.start, part.end - range.start);
    return bytes;
  }

  async resize(): Promise<void> {}

  async discard(range: Range): Promise<void> {
    this.held.remove(range);
    for (const set of this.contents.values()) set.remove(range);
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

export interface World {
  readonly hosts: readonly Host[];
  readonly size: number;
  /** Sizes of the volumes, in order, where there are several; `size` is their sum. */
  readonly volumes?: readonly number[];
  readonly seed: number;
  readonly link?: number;
  readonly settings?: Partial<Settings>;
  readonly digestKnown?: boolean;
}

export interface Outcome {
  /** Virtual milliseconds. */
  readonly time: number;
  readonly error: HydrantError | undefined;
  readonly summary: Summary;
  /** Payload bytes that left the hosts. */
  readonly sent: number;
  readonly requests: number;
  /** Payload bytes that each host sent. */
  readonly sentBy: readonly number[];
  readonly refused: number;
  /** Which contents the stored bytes are of. */
  readonly contents: readonly number[];
}

const defaults: Settings = {
  connections: undefined,
  perOrigin: 8,
  lease: undefined,
  stallTimeout: 10_000,
  retryTimeout: 300_000,
  retries: undefined,
};

/** Downloads one file of `world` in virtual time. */
export const simulate = async (world: World): Promise<Outcome> => {
  const clock = new VirtualClock();
  const random = seeded(world.seed);
  const volumes = world.volumes ?? [world.size];
  const network = new Network(world.hosts, volumes, clock, random, world.link);
  const store = new ContentStore();
  const fingerprint = () => {
    const hash = createHash('sha256');
    return { update: (bytes: Uint8Array) => void hash.update(bytes), value: () => hash.copy().digest('hex') };
  };
  const observe =
    process.env.HYDRANT_TRACE === undefined
      ? () => undefined
      : (event: unknown) => console.log(Math.round(clock.now()), JSON.stringify(event));
  const sources = new Sources(
    volumes.map((_, volume) => world.hosts.flatMap((host, index) => ((host.volume ?? 0) === volume ? { url: network.url(index) } : []))),
    { ...defaults, ...world.settings },
    { transport: network, clock, random, observe, fingerprint },
  );
  let summary: Summary | undefined;
  let error: HydrantError | undefined;
  let done = false;
  const work = async (): Promise<void> => {
    await sources.open(0);
    const transfer = new Transfer(
      sources,
      store,
      allOf({ start: 0, end: Number.POSITIVE_INFINITY }),
      world.digestKnown === undefined ? {} : { digestKnown: world.digestKnown },
    );
    try {
      await transfer.run();
    } finally {
      summary = transfer.summary;
    }
  };
  let failure: unknown;
  void work().then(
    () => {
      done = true;
    },
    (reason: unknown) => {
      failure = reason;
      done = true;
    },
  );
  await clock.run(() => done, 3_600_000);
  if (failure instanceof HydrantError) error = failure;
  else if (failure !== undefined) throw failure;
  const time = clock.now();
  await sources.close();
  if (error === undefined && !store.held.covers({ start: 0, end: world.size }))
    throw new Error('it says that it is done, and bytes are missing');
  if (error === undefined && world.volumes !== undefined && !store.isInOrder(world.volumes))
    throw new Error('it says that it is done, and the volumes are mixed up');
  return {
    time,
    error,
    summary: summary ?? { bytes: 0, twice: 0, elapsed: time, share: undefined, why: undefined, sources: sources.states },
    sent: network.sent,
    sentBy: network.hosts.map((host) => host.sent),
    requests: network.hosts.reduce((sum, host) => sum + host.requests, 0),
    refused: network.hosts.reduce((sum, host) => sum + host.refused, 0),
    contents: [...store.contents].filter(([, set]) => set.size > 0).map(([content]) => content),
  };
};

/**
 * The least time in milliseconds: T* = (S + Σ rᵢlᵢ) / Σ rᵢ over the hosts worth using, with at most `total` connections
 * and `perOrigin` to one host, and not less than the link allows.
 */
export const bound = (world: World, perOrigin = 8, total = 16): number => {
  const hosts = world.hosts.map((host) => ({
    rate: host.rate,
    one: host.perConnection ?? host.rate,
    most: Math.min(perOrigin, host.maxConnections ?? perOrigin),
    latency: 2 * host.latency,
    used: 0,
  }));
  const gain = (host: (typeof hosts)[number]): number =>
    host.used >= host.most ? 0 : Math.min(host.rate, host.one * (host.used + 1)) - Math.min(host.rate, host.one * host.used);
  for (let left = total; left > 0; left--) {
    const best = hosts.reduce((most, host) => (gain(host) > gain(most) ? host : most));
    if (gain(best) === 0) break;
    best.used++;
  }
  let best = Number.POSITIVE_INFINITY;
  let rates = 0;
  let waits = 0;
  for (const host of hosts.filter((one) => one.used > 0).sort((a, b) => a.latency - b.latency)) {
    if (host.latency >= best) break;
    const rate = Math.min(host.rate, host.one * host.used);
    rates += rate;
    waits += (rate * host.latency) / 1000;
    best = Math.min(best, ((world.size + waits) / rates) * 1000);
  }
  return Math.max(best, (world.size / (world.link ?? Number.POSITIVE_INFINITY)) * 1000);
};
