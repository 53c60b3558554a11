/** Readers who seek, who share, and who leave; sources that die under them. */
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { type Exchange, Origin } from '../../src/testing/origin.ts';
import { ask } from './asking.ts';
import { configOf, DataBench } from './bench.ts';

const size = 48_000_000;
const file = { size, seed: 6 };
const bytes = Buffer.from(contentOf(6, 0, size));

/** Where a request for a range begins. */
const startOf = ({ headers }: Exchange): number => Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);

/** Begins to read at `start`, a little, and holds on to the rest. */
const begin = (url: string, start: number): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers: { range: `bytes=${start}-` }, agent: false }, (response) => {
      response.on('error', () => undefined);
      response.once('readable', () => resolve(response));
    });
    asked.on('error', reject).end();
  });

for (const cache of [false, true]) {
  describe(`a task ${cache ? 'with' : 'without'} a cache`, () => {
    it('asks its source for where a reader seeks to before anything else, and gives it a connection though all are busy', async () => {
      await using bench = await DataBench.open();
      await using origin = await Origin.start({ files: { '/a.bin': file }, latency: 100, rate: { connection: 1_000_000 } });
      const { url } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache, max_per_volume: 4 }));
      const first = await begin(url, 0);
      await expect.poll(() => origin.requests.filter(({ ended }) => ended === undefined).length).toBe(4);
      for (const place of [40_000_000, 20_000_000]) {
        const before = origin.requests.length;
        const came = performance.now();
        const seek = await begin(url, place);
        const took = performance.now() - came;
        expect(startOf(origin.requests[before] as Exchange)).toBe(place);
        // One round trip and a little; far from what a lease that is under way would take.
        expect(took).toBeLessThan(1_000);
        const got = seek.read() as Buffer;
        expect(got.equals(bytes.subarray(place, place + got.length))).toBe(true);
        seek.destroy();
      }
      first.destroy();
    });

    it('brings head, tail and middle once for a player that opens all three at once', async () => {
      await using bench = await DataBench.open();
      await using origin = await Origin.start({ files: { '/a.bin': file }, latency: 20 });
      const { url } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache }));
      const ranges = [
        [0, 2_000_000],
        [size - 1_000_000, size],
        [20_000_000, 24_000_000],
        [20_000_000, 24_000_000],
        [0, 1_000_000],
      ] as const;
      const answers = await Promise.all(ranges.map(([start, end]) => ask(url, { headers: { range: `bytes=${start}-${end - 1}` } })));
      for (const [index, { body }] of answers.entries()) {
        const [start, end] = ranges[index] as readonly [number, number];
        expect(body.equals(bytes.subarray(start, end))).toBe(true);
      }
      const { task } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache }));
      const fetched = task.health.reduce((sum, source) => sum + source.bytes, 0);
      expect(fetched).toBeGreaterThanOrEqual(7_000_000);
      expect(fetched).toBeLessThanOrEqual(7_000_000 * 1.01);
    });

    it('stops its sources when the last reader has left', async () => {
      await using bench = await DataBench.open();
      await using origin = await Origin.start({ files: { '/a.bin': file }, rate: { connection: 1_000_000 } });
      const { url } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache }));
      const readers = [await begin(url, 0), await begin(url, 30_000_000)];
      await expect.poll(() => origin.requests.length).toBeGreaterThan(2);
      for (const reader of readers) reader.destroy();
      await expect.poll(() => origin.requests.filter(({ ended }) => ended === undefined).length, { timeout: 3_000 }).toBe(0);
      const { sent } = origin.counts;
      expect(sent).toBeLessThan(size / 2);
      const { task } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache }));
      await expect.poll(() => task.activeConnections).toBe(0);
    });

    it('goes on with another mirror, unseen, when one dies under a reader', async () => {
      await using bench = await DataBench.open();
      await using steady = await Origin.start({ files: { '/a.bin': file }, rate: { total: 20_000_000 } });
      await using dying = await Origin.start({ files: { '/a.bin': file }, rate: { total: 20_000_000 } });
      const { url } = bench.task('abc', configOf({ volumes: [[dying.url('/a.bin'), steady.url('/a.bin')]], cache }));
      const read = ask(url);
      await expect.poll(() => dying.counts.sent).toBeGreaterThan(4_000_000);
      await dying.down();
      const { status, body } = await read;
      expect([status, body.equals(bytes)]).toEqual([200, true]);
      await dying.up();
    });

    it('goes on where a mirror of each volume dies', async () => {
      await using bench = await DataBench.open();
      const cuts = [0, 17_000_001, 33_000_000, size];
      const parts = cuts.slice(1).map((end, index) => ({ bytes: bytes.subarray(cuts[index], end), seed: index }));
      const files = Object.fromEntries(parts.map((part, index) => [`/part${index + 1}`, part]));
      await using steady = await Origin.start({ files, rate: { connection: 4_000_000 } });
      await using dying = await Origin.start({ files, rate: { connection: 4_000_000 } });
      const volumes = Object.keys(files).map((path) => [dying.url(path), steady.url(path)]);
      const { url } = bench.task('abc', configOf({ volumes, cache, max_per_volume: 2 }));
      const read = ask(url);
      await expect.poll(() => dying.counts.sent).toBeGreaterThan(3_000_000);
      await dying.down();
      const { status, body } = await read;
      expect([status, body.equals(bytes)]).toEqual([200, true]);
      await dying.up();
    });
  });
}
