/** What the server does when sources go away, come back as others, or say different things of one file. */
import { describe, expect, it, vi } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk } from './run.ts';
import { Serving } from './serving.ts';

const mebi = 2 ** 20;
const size = 5 * mebi + 321;
const bytesOf = (seed: number, length = size) => Buffer.from(contentOf(seed, 0, length));
const lasting = (seconds: number): Fault => ({ kind: 'headers', set: { 'Cache-Control': `max-age=${seconds}` } });
/** What the field `Cache-Status` says of time left, in seconds. */
const ttlOf = (status = '') => Number(/ttl=(-?\d+)/.exec(status)?.[1]);

describe.concurrent('when all sources are gone', () => {
  it.each([
    ['refuse connections', async (origin: Origin) => origin.down()],
    ['say nothing', async (origin: Origin) => origin.misbehave([{ kind: 'stall' }])],
    ['are busy', async (origin: Origin) => origin.misbehave([{ kind: 'status', status: 503 }])],
  ])('a complete file is served, and said to be stale: sources that %s', async (_, goes) => {
    using desk = new Desk();
    const origin = await Origin.start({ files: { '/a.bin': { size, seed: 3 } }, faults: [lasting(0)] });
    await using serving = await Serving.start(desk);
    try {
      const id = await serving.task({ url: origin.url('/a.bin'), cache: true });
      expect((await serving.read(id)).bytes.equals(bytesOf(3))).toBe(true);
      await goes(origin);
      for (let round = 0; round < 2; round++) {
        const stale = await serving.read(id);
        expect(stale).toMatchObject({ status: 200, whole: true });
        expect(stale.bytes.equals(bytesOf(3))).toBe(true);
        expect(ttlOf(stale.headers['cache-status'])).toBeLessThan(0);
        expect(stale.first).toBeLessThan(3000);
      }
      await serving.kill();
      await using again = await Serving.start(desk);
      const stale = await again.read(id);
      expect(stale.bytes.equals(bytesOf(3))).toBe(true);
      expect(ttlOf(stale.headers['cache-status'])).toBeLessThan(0);
      await again.stop();
    } finally {
      serving.running.kill('SIGKILL');
      await origin.down();
    }
  });

  it.each([0, 60])('a partial file is served up to its gap, and breaks off there (fresh for %d s)', async (seconds) => {
    using desk = new Desk();
    const origin = await Origin.start({ files: { '/a.bin': { size, seed: 4 } }, faults: [lasting(seconds)] });
    await using serving = await Serving.start(desk, ['--retry-timeout', '2s']);
    try {
      const id = await serving.task({ url: origin.url('/a.bin'), cache: true, max_threads: 1, rate_limit_bps: 3_000_000 });
      await serving.read(id, { headers: { range: `bytes=0-${2 * mebi - 1}` } });
      await serving.read(id, { headers: { range: `bytes=${4 * mebi}-` } });
      await serving.stop();
      await origin.down();
      await using again = await Serving.start(desk, ['--retry-timeout', '2s']);
      const broken = await again.read(id);
      expect(broken).toMatchObject({ status: 200, whole: false });
      expect(broken.headers['content-length']).toBe(`${size}`);
      expect(broken.bytes.length).toBeGreaterThanOrEqual(2 * mebi);
      expect(broken.bytes.equals(bytesOf(4).subarray(0, broken.bytes.length))).toBe(true);
      const there = await again.read(id, { headers: { range: 'bytes=-1000' } });
      expect(there).toMatchObject({ status: 206, whole: true });
      expect(there.bytes.equals(bytesOf(4).subarray(-1000))).toBe(true);
      await origin.up();
      await vi.waitFor(async () => expect((await again.read(id)).bytes.equals(bytesOf(4))).toBe(true), { timeout: 20_000 });
      await again.stop();
    } finally {
      serving.running.kill('SIGKILL');
      await origin.down().catch(() => undefined);
    }
  });
});

describe.concurrent('when a source comes back as another', () => {
  it.each([
    ['another tag', { size, seed: 6 }, {}],
    ['another length', { size: size + 100_000, seed: 6 }, {}],
    ['another length and no tags', { size: size - 100_000, seed: 6, etag: null }, { etag: null }],
    ['another date and no tags', { size, seed: 6, etag: null, lastModified: 'Tue, 02 Jan 2024 00:00:00 GMT' }, { etag: null }],
  ])('what is stored is replaced, and never mixed: %s', async (_, next, before) => {
    using desk = new Desk();
    await using origin = await Origin.start({
      files: { '/a.bin': { size, seed: 5, lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT', ...before } },
      faults: [lasting(0)],
    });
    await using serving = await Serving.start(desk, ['--retry-timeout', '2s']);
    const id = await serving.task({ url: origin.url('/a.bin'), cache: true });
    await serving.read(id, { headers: { range: `bytes=0-${2 * mebi}` } });
    await origin.down();
    origin.change('/a.bin', next);
    await origin.up();
    for (let round = 0; round < 2; round++) {
      const now = await serving.read(id);
      expect(now.whole).toBe(true);
      expect(now.bytes.equals(bytesOf(6, next.size))).toBe(true);
    }
    await serving.stop();
  });

  it('a stream that runs while the file changes breaks off, or is of one file', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { size, seed: 7 } }, rate: { connection: 2_000_000 } });
    await using serving = await Serving.start(desk, ['--retry-timeout', '2s']);
    for (const cache of [true, false]) {
      origin.change('/a.bin', { size, seed: 7, etag: '"seven"' });
      const id = await serving.task({ url: origin.url('/a.bin'), cache, max_split: 262_144, max_threads: 2 });
      let changed = false;
      const broken = await serving.read(id, {
        seen: (seen) => {
          if (seen < mebi || changed) return;
          changed = true;
          origin.change('/a.bin', { size, seed: 8, etag: '"eight"' });
        },
      });
      expect(broken.bytes.equals(bytesOf(7).subarray(0, broken.bytes.length))).toBe(true);
      expect(broken.whole).toBe(broken.bytes.length === size);
      const now = await serving.read(id);
      expect(now.whole).toBe(true);
      expect(now.bytes.equals(bytesOf(8))).toBe(true);
      await serving.ask(`DELETE api/tasks/${id}?clear_cache=1`);
    }
    await serving.stop();
  });
});

describe.concurrent('mirrors that have tags of their own', () => {
  it('do not wipe what the other brought, whichever is down', async () => {
    using desk = new Desk();
    await using one = await Origin.start({ files: { '/a.bin': { size, seed: 9, etag: '"one"' } }, faults: [lasting(0)] });
    await using two = await Origin.start({ files: { '/a.bin': { size, seed: 9, etag: '"two"' } }, faults: [lasting(0)] });
    await using serving = await Serving.start(desk, ['--retry-timeout', '2s']);
    const id = await serving.task({ urls: [one.url('/a.bin'), two.url('/a.bin')], cache: true, rate_limit_bps: 4_000_000 });
    await two.down();
    await serving.read(id, { headers: { range: `bytes=0-${mebi}` } });
    const cached = async (): Promise<number> => (await serving.ask(`GET api/tasks/${id}`)).body.cache.bytes_cached;
    await vi.waitFor(async () => expect(await cached()).toBeGreaterThanOrEqual(mebi), { timeout: 10_000 });
    for (const [there, gone] of [
      [two, one],
      [one, two],
    ] as const) {
      await there.up();
      await gone.down();
      const before = await cached();
      const tail = await serving.read(id, { headers: { range: 'bytes=-100' } });
      expect(tail.bytes.equals(bytesOf(9).subarray(-100))).toBe(true);
      expect(await cached()).toBeGreaterThanOrEqual(before);
    }
    const all = await serving.read(id);
    expect(all.bytes.equals(bytesOf(9))).toBe(true);
    expect(one.counts.sent + two.counts.sent).toBeLessThan(size * 1.6);
    await two.up();
    await serving.stop();
  });
});
