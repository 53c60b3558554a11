import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import type { SharedStore } from '../../src/core/ports.ts';
import { Feed, type FeedOptions } from '../../src/engine/feed.ts';
import type { Settings } from '../../src/engine/ports.ts';
import { Sources } from '../../src/engine/sources.ts';
import { CellStore } from '../../src/store/cells.ts';
import { type Host, Network } from './network.ts';
import { VirtualClock } from './virtual-clock.ts';
import { seeded } from './world.ts';

const MB = 1e6;
const MiB = 1024 * 1024;
const size = 60 * MB;

const settings: Settings = {
  connections: 8,
  perOrigin: 8,
  lease: undefined,
  stallTimeout: 10_000,
  retryTimeout: 60_000,
  retries: undefined,
};

interface Reading {
  bytes: number;
  firstAt: number | undefined;
  error: unknown;
  done: boolean;
}

/** A feed of one file at `hosts` in virtual time, and its readers. */
class Stage {
  readonly clock = new VirtualClock();
  readonly store: SharedStore & CellStore = new CellStore();
  readonly network: Network;
  readonly sources: Sources;
  readonly feed: Feed;
  readonly readings: Reading[] = [];
  mostMemory = 0;

  constructor(hosts: readonly Host[], options: Partial<FeedOptions> = {}) {
    const random = seeded(1);
    this.network = new Network(hosts, [size], this.clock, random);
    const fingerprint = () => {
      const hash = createHash('sha256');
      return { update: (bytes: Uint8Array) => void hash.update(bytes), value: () => hash.copy().digest('hex') };
    };
    const ports = { transport: this.network, clock: this.clock, random, observe: () => undefined, fingerprint };
    this.sources = new Sources([hosts.map((_, index) => ({ url: this.network.url(index) }))], settings, ports);
    this.feed = new Feed(this.sources, this.store, { window: 8 * MiB, budget: 16 * MiB, ...options });
  }

  /** Reads [start, end), `pace` bytes per second, and leaves at `until` bytes. */
  read(start: number, end: number, { pace = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY } = {}): Reading {
    const reading: Reading = { bytes: 0, firstAt: undefined, error: undefined, done: false };
    this.readings.push(reading);
    const run = async (): Promise<void> => {
      await this.sources.open(start);
      for await (const chunk of this.feed.read({ start, end }, new AbortController().signal)) {
        reading.firstAt ??= this.clock.now();
        reading.bytes += chunk.bytes.length;
        this.mostMemory = Math.max(this.mostMemory, this.store.memory);
        const wait = (chunk.bytes.length / pace) * 1000;
        if (wait > 0) await new Promise<void>((resolve) => void this.clock.after(wait, resolve));
        chunk.release();
        if (reading.bytes >= until) break;
      }
    };
    void run()
      .catch((error: unknown) => {
        reading.error = error;
      })
      .finally(() => {
        reading.done = true;
      });
    return reading;
  }

  async toTheEnd(until = 600_000): Promise<void> {
    await this.clock.run(() => this.readings.every((reading) => reading.done), until);
  }

  /** Lets `time` milliseconds pass. */
  async pass(time: number): Promise<void> {
    let over = false;
    this.clock.after(time, () => {
      over = true;
    });
    await this.clock.run(() => over, this.clock.now() + time + 1);
  }
}

const host: Host = { rate: 10 * MB, latency: 20 };

describe('a feed', () => {
  test('brings every byte once to readers who go together', async () => {
    const stage = new Stage([host]);
    for (let reader = 0; reader < 50; reader++) stage.read(0, size);
    await stage.toTheEnd();
    expect(stage.readings.map(({ bytes, error }) => [bytes, error])).toEqual(stage.readings.map(() => [size, undefined]));
    expect(stage.network.sent / size).toBeLessThanOrEqual(1.01);
  });

  test('serves readers all over the file within its budget, and starves none', async () => {
    const stage = new Stage([host]);
    const random = seeded(7);
    for (let reader = 0; reader < 20; reader++) {
      const start = Math.floor(random() * size * 0.8);
      stage.read(start, start + Math.floor(random() * (size - start)) + 1);
    }
    await stage.toTheEnd();
    expect(stage.readings.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(stage.mostMemory).toBeLessThanOrEqual(16 * MiB + 40 * 64 * 1024);
    const late = stage.readings.filter(({ firstAt }) => (firstAt ?? Number.POSITIVE_INFINITY) > 5_000);
    expect(late).toEqual([]);
  });

  test('stops its sources where the reader is slow', async () => {
    const stage = new Stage([host]);
    const reading = stage.read(0, size, { pace: 10_000 });
    await stage.pass(60_000);
    expect(stage.network.sent).toBeLessThanOrEqual(reading.bytes + 8 * MiB + MiB);
    const before = stage.network.sent;
    await stage.pass(20_000);
    expect(stage.network.sent - before).toBeLessThanOrEqual(MiB);
    await stage.feed.close();
    await stage.toTheEnd();
  });

  test.each([50 * MB, 20 * MB])(
    'lets a new reader in at %i at once, though every connection is busy far ahead of another',
    async (place) => {
      const stage = new Stage([{ rate: 2 * MB, perConnection: 0.25 * MB, latency: 20 }], { window: 32 * MiB, budget: 64 * MiB });
      stage.read(0, size);
      await stage.pass(4_000);
      const came = stage.clock.now();
      const seek = stage.read(place, size, { until: 1 });
      await stage.clock.run(() => seek.done, 600_000);
      expect((seek.firstAt as number) - came).toBeLessThanOrEqual(400);
      await stage.feed.close();
      await stage.toTheEnd();
    },
  );

  test('gives up what a reader who left was about to get', async () => {
    const stage = new Stage([host]);
    stage.read(0, size, { until: MB });
    await stage.toTheEnd();
    await stage.pass(1_000);
    const before = stage.network.sent;
    await stage.pass(5_000);
    expect(stage.network.sent).toBe(before);
    expect(stage.feed.connections).toBe(0);
  });

  test('tells every reader at once when no source can bring what is missing', async () => {
    const stage = new Stage([{ ...host, diesAt: 2_000 }]);
    for (let reader = 0; reader < 5; reader++) stage.read(0, size);
    await stage.toTheEnd();
    for (const { error } of stage.readings) expect(error).toMatchObject({ side: 'upstream' });
  });
});
