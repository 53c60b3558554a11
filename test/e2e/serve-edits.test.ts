/** What clients read while their task, its cache or its fill is changed under them; and what fills say of themselves. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk } from './run.ts';
import { type Read, Serving } from './serving.ts';

const mebi = 2 ** 20;
const size = 3 * mebi + 77;
const bytesOf = (seed: number) => Buffer.from(contentOf(seed, 0, size));
const right = bytesOf(21);

let desk: Desk;
let serving: Serving;
/** Slow enough that what is changed is changed while it streams. */
let origin: Origin;
let other: Origin;

beforeAll(async () => {
  desk = new Desk();
  const files = { '/a.bin': { size, seed: 21 }, '/other.bin': { size, seed: 22, etag: '"other"' }, '/plain.bin': { size, seed: 23 } };
  const rate = { connection: 3_000_000 };
  origin = await Origin.start({
    files,
    rate,
    faults: [{ kind: 'whole', accept: 'none', when: { path: '/plain.bin' } }],
  });
  other = await Origin.start({ files: { '/a.bin': { size, seed: 21 } }, rate });
  serving = await Serving.start(desk, ['--retry-timeout', '3s']);
});

afterAll(async () => {
  await serving.stop();
  await origin.close();
  await other.close();
  desk[Symbol.dispose]();
});

/** Reads a task's file, and does something once a good part has come. */
const during = async (id: string, act: () => Promise<unknown>): Promise<Read> => {
  let acting: Promise<unknown> | undefined;
  const read = await serving.read(id, {
    seen: (seen) => {
      if (seen > mebi / 2) acting ??= act();
    },
  });
  await acting;
  return read;
};

/** Right as far as it goes, and not told to be all where it isn't. */
const expectHonest = (read: Read): void => {
  expect(read.bytes.equals(right.subarray(0, read.bytes.length))).toBe(true);
  expect(read.whole).toBe(read.bytes.length === size);
};

const patch = async (id: string, body: unknown): Promise<void> => {
  const answer = await serving.ask(`PATCH api/tasks/${id}`, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
};

describe.concurrent('a task that is changed while a client reads', () => {
  const a = () => origin.url('/a.bin');
  it.each<[string, () => object, (before: number) => void]>([
    ['its URL, to the same file', () => ({ url: other.url('/a.bin') }), (before) => expect(other.requests.length).toBeGreaterThan(before)],
    ['its URL, to another file', () => ({ url: origin.url('/other.bin') }), () => undefined],
    ['its URL, to one that is not there', () => ({ url: origin.url('/none.bin') }), () => undefined],
    [
      'its headers',
      () => ({ headers: { 'X-New': 'yes' } }),
      () => expect(origin.requests.some(({ headers }) => headers['x-new'] === 'yes')).toBe(true),
    ],
    ['its limit', () => ({ rate_limit_bps: 20_000_000 }), () => undefined],
    ['the size of requests', () => ({ max_split: 65_536 }), () => undefined],
    ['connections', () => ({ max_threads: 1 }), () => undefined],
    ['its cache, off', () => ({ cache: false }), () => undefined],
    ['its cache, on', () => ({ cache: true }), () => undefined],
    [
      'where its host is',
      () => ({ host_mappings: [{ from: '127.0.0.1', to: `127.0.0.1:${other.port}`, enabled: true }] }),
      (before) => expect(other.requests.length).toBeGreaterThan(before),
    ],
  ])('goes on to be right: %s', async (_, change, check) => {
    for (const cache of [true, false]) {
      const id = await serving.task({ url: `${a()}?${Math.random()}`, cache, max_threads: 2, max_split: 131_072 });
      const before = other.requests.length;
      const read = await during(id, () => patch(id, change()));
      expectHonest(read);
      expect(read.whole, JSON.stringify((await serving.ask(`GET api/tasks/${id}/log`)).body)).toBe(true);
      check(before);
    }
  });

  it('what its URL leads to now is what the next client gets, whatever was stored', async () => {
    for (const path of ['/other.bin', '/plain.bin']) {
      const id = await serving.task({ url: `${a()}?${path}`, cache: true });
      expectHonest(await serving.read(id));
      await patch(id, { url: origin.url(path) });
      const now = await serving.read(id);
      expect(now.bytes.equals(bytesOf(path === '/other.bin' ? 22 : 23))).toBe(true);
    }
  });

  it('what was stored is not served under a URL that never had it', async () => {
    const id = await serving.task({ url: `${a()}?none`, cache: true });
    expectHonest(await serving.read(id));
    await patch(id, { url: 'http://127.0.0.1:1/a.bin' });
    expect((await serving.read(id)).status).toBe(502);
    await patch(id, { url: `${a()}?moved` });
    const sent = origin.requests.filter(({ target }) => target.endsWith('?moved'));
    expectHonest(await serving.read(id));
    expect(sent.reduce((sum, exchange) => sum + exchange.sent, 0)).toBeLessThan(size / 2);
  });

  it('filters that are put in apply to who comes next, and never halfway', async () => {
    const id = await serving.task({ url: `${a()}?filter`, cache: true });
    const plugins = [{ id: 'chacha20', enabled: true, config: { key: 'ab'.repeat(32), nonce: '00'.repeat(12) } }];
    const read = await during(id, async () => {
      await serving.ask(`PATCH api/tasks/${id}`, { plugins });
    });
    expectHonest(read);
  });
});

describe.concurrent('a task that is stopped while a client reads', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['removed', (id) => serving.ask(`DELETE api/tasks/${id}`)],
    ['removed with its cache', (id) => serving.ask(`DELETE api/tasks/${id}?clear_cache=1`)],
    ['paused', (id) => serving.ask(`POST api/tasks/${id}/pause`)],
    ['cleared', (id) => serving.ask(`DELETE api/tasks/${id}/cache`)],
    [
      'cleared three times',
      async (id) => {
        for (let time = 0; time < 3; time++) await serving.ask(`DELETE api/tasks/${id}/cache`);
      },
    ],
    ['cleared with all others', () => serving.ask('DELETE api/cache')],
    [
      'filled, stopped and cleared',
      async (id) => {
        await serving.ask(`POST api/tasks/${id}/cache`);
        await serving.ask(`POST api/tasks/${id}/cache/pause`);
        await serving.ask(`DELETE api/tasks/${id}/cache`);
      },
    ],
  ])('serves the right bytes to the end: %s', async (_, act) => {
    for (const cache of [true, false]) {
      const id = await serving.task({ url: `${origin.url('/a.bin')}?${Math.random()}`, cache, max_threads: 2 });
      const both = await Promise.all([
        during(id, () => act(id)),
        serving.read(id),
        serving.read(id, { headers: { range: `bytes=${2 * mebi}-` } }),
      ]);
      expectHonest(both[0]);
      expectHonest(both[1]);
      expect([both[0].whole, both[1].whole, both[2].whole]).toEqual([true, true, true]);
      expect(both[2].bytes.equals(right.subarray(2 * mebi))).toBe(true);
    }
  });
});

describe.concurrent('a fill', () => {
  const jobOf = async (id: string) => (await serving.ask(`GET api/tasks/${id}`)).body.cache_job;

  it('brings all of it, and says when', async () => {
    const made = await serving.ask('POST api/tasks', { url: `${origin.url('/a.bin')}?fill`, cache: true, start_cache: true });
    expect(made.body).toMatchObject({ cache_started: true });
    const id = made.body.task_id;
    await vi.waitFor(async () => expect(await jobOf(id)).toMatchObject({ state: 'done', done_bytes: size }), { timeout: 20_000 });
    const asked = origin.requests.filter(({ target }) => target.endsWith('?fill')).length;
    expectHonest(await serving.read(id));
    expect(origin.requests.filter(({ target }) => target.endsWith('?fill')).length).toBe(asked);
    expect((await serving.ask(`POST api/tasks/${id}/cache`)).body).toMatchObject({ state: 'done' });
  });

  it('stops at once, and goes on from there', async () => {
    const id = await serving.task({ url: `${origin.url('/a.bin')}?pause`, cache: true, max_threads: 1 });
    await serving.ask(`POST api/tasks/${id}/cache`);
    const sent = () => origin.requests.filter(({ target }) => target.endsWith('?pause')).reduce((sum, one) => sum + one.sent, 0);
    await vi.waitFor(() => expect(sent()).toBeGreaterThan(mebi / 4), { timeout: 10_000 });
    expect((await serving.ask(`POST api/tasks/${id}/cache/pause`)).body).toMatchObject({ state: 'paused' });
    await vi.waitFor(
      () => expect(origin.requests.every(({ target, ended }) => !target.endsWith('?pause') || ended !== undefined)).toBe(true),
      { timeout: 3000 },
    );
    const stopped = sent();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent()).toBe(stopped);
    await serving.ask(`POST api/tasks/${id}/cache`);
    await vi.waitFor(async () => expect(await jobOf(id)).toMatchObject({ state: 'done' }), { timeout: 20_000 });
    expectHonest(await serving.read(id));
    // What the kernel's buffers took counts as sent.
    expect(sent()).toBeLessThan(size * 2);
  });

  it('says why it failed: no ranges', async () => {
    const made = await serving.ask('POST api/tasks', { url: origin.url('/plain.bin'), cache: true, start_cache: true });
    expect(made.body).toMatchObject({ cache_started: false, cache_error: expect.stringMatching(/range/) });
    expect(await jobOf(made.body.task_id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/range/) });
  });

  it('says why it failed: not there', async () => {
    const id = await serving.task({ url: origin.url('/none.bin'), cache: true });
    const begun = await serving.ask(`POST api/tasks/${id}/cache`);
    expect(begun.status).toBe(502);
    expect(await jobOf(id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/404/) });
    expect((await serving.ask(`POST api/tasks/${id}/cache/pause`)).status).toBeLessThan(500);
  });
});
