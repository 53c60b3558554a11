/** What many share: one transfer for all clients of a file, one folder for one server, one cache with an end. */
import { describe, expect, it, vi } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk, hydrant } from './run.ts';
import { Serving } from './serving.ts';

const mebi = 2 ** 20;
const size = 4 * mebi + 9;
const right = Buffer.from(contentOf(31, 0, size));
const files = { '/a.bin': { size, seed: 31 } };

describe.concurrent('clients of one file', () => {
  it.each([60, 0])('have it fetched once, whenever they come (fresh for %d s)', async (seconds) => {
    using desk = new Desk();
    await using origin = await Origin.start({
      files,
      rate: { total: 4_000_000 },
      faults: [{ kind: 'headers', set: { 'Cache-Control': `max-age=${seconds}` } }],
    });
    await using serving = await Serving.start(desk);
    // With one connection no lease is cut short, whose rest the kernel would have taken in vain.
    const id = await serving.task({ url: origin.url('/a.bin'), cache: true, max_threads: 1 });
    const reads: ReturnType<Serving['read']>[] = [];
    for (let client = 0; client < 24; client++) {
      reads.push(serving.read(id));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    for (const { bytes, whole } of await Promise.all(reads)) expect(whole && bytes.equals(right)).toBe(true);
    expect(origin.counts.sent).toBeLessThanOrEqual(size * 1.01);
    await serving.stop();
  });
});

describe.concurrent('a cache that is full', () => {
  it('keeps nobody from his bytes', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files });
    await using serving = await Serving.start(desk, ['--cache-size', '2M']);
    const id = await serving.task({ url: origin.url('/a.bin'), cache: true });
    const reads = await Promise.all([serving.read(id), serving.read(id), serving.read(id, { headers: { range: `bytes=${mebi}-` } })]);
    expect(reads.map(({ whole }) => whole)).toEqual([true, true, true]);
    expect(reads[0]?.bytes.equals(right)).toBe(true);
    expect(reads[2]?.bytes.equals(right.subarray(mebi))).toBe(true);
    expect((await serving.ask('GET api/cache')).status).toBeGreaterThan(0);
    const full = await serving.task({ url: `${origin.url('/a.bin')}?fill`, cache: true });
    await serving.ask(`POST api/tasks/${full}/cache`);
    const job = async () => (await serving.ask(`GET api/tasks/${full}`)).body.cache_job;
    await vi.waitFor(async () => expect(await job()).toMatchObject({ state: 'failed', error: expect.stringMatching(/full/) }), {
      timeout: 10_000,
    });
    await serving.stop();
  });

  it('gives up what was used longest ago, and serves it all the same', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files });
    await using serving = await Serving.start(desk, ['--cache-size', '10M']);
    const ids: string[] = [];
    for (let task = 0; task < 4; task++) ids.push(await serving.task({ url: `${origin.url('/a.bin')}?${task}`, cache: true }));
    for (const id of [...ids, ...ids]) {
      const { bytes, whole } = await serving.read(id);
      expect(whole && bytes.equals(right)).toBe(true);
      const { cache_bytes: held = 0 } = (await serving.ask('GET api/global')).body;
      expect(held).toBeLessThanOrEqual(10 * mebi);
    }
    await serving.stop();
  });
});

describe.concurrent('a fill that ran when the server ended', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('goes on after %s, with what was there', async (signal) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files, rate: { total: 2_500_000 } });
    await using first = await Serving.start(desk);
    const made = await first.ask('POST api/tasks', { url: origin.url('/a.bin'), cache: true, start_cache: true });
    const id: string = made.body.task_id;
    const task = async (serving: Serving) => (await serving.ask(`GET api/tasks/${id}`)).body;
    await vi.waitFor(async () => expect((await task(first)).cache.blocks_cached).toBeGreaterThanOrEqual(1), { timeout: 10_000 });
    first.running.kill(signal);
    await first.running.ended;
    await using second = await Serving.start(desk);
    await vi.waitFor(async () => expect(await task(second)).toMatchObject({ cache_job: { state: 'done' } }), { timeout: 20_000 });
    expect((await second.read(id)).bytes.equals(right)).toBe(true);
    await second.ask(`POST api/tasks/${id}/cache/pause`);
    await second.stop();
  });
});

describe.concurrent('two servers', () => {
  it.each([
    ['state', ['--cache-dir', 'other'], /tasks\.json is in use by process \d+/],
    ['cache', ['--state-file', 'other.json'], /cache in \S+ is in use by process \d+/],
  ] as const)('do not share a %s', async (_, args, says) => {
    using desk = new Desk();
    await using serving = await Serving.start(desk);
    const second = await hydrant(['serve', '--bind', '127.0.0.1:0', ...args], { desk });
    expect(second).toMatchObject({ code: 6, stderr: expect.stringMatching(says) });
    expect(second.stderr).toMatch(/^hydrant: [^\n]*\n$/);
    await serving.task({ url: 'http://127.0.0.1:1/' });
    await serving.kill();
    await (await Serving.start(desk, args)).stop();
  });
});
