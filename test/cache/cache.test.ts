import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { Cache } from '../../src/cache/cache.ts';
import type { Range } from '../../src/core/range.ts';
import { bytesOf, put } from '../../src/testing/store-contract.ts';
import { compileInto } from '../store/compiled.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-cache-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const somewhere = () => join(folder, `${count++}`);
const keyOf = (index: number) => index.toString(16).padStart(24, '0');
const mebibyte = 1_048_576;
const traceable = spawnSync('strace', ['-V']).status === 0;
const plenty = { size: 2 ** 31, floor: 0 };

/** Brings the whole of a file of `length` into the cache. */
const fill = async (cache: Cache, key: string, length: number): Promise<void> => {
  const entry = await cache.use(key, factsOf(length));
  for (let start = 0; start < length; start += 100_000) {
    const end = Math.min(length, start + 100_000);
    await put(entry, start, end);
  }
  await entry.flush();
  await entry.release();
};
const right = async (entry: { read(range: Range): Promise<Uint8Array> }, start: number, end: number) =>
  expect(Buffer.compare(await entry.read({ start, end }), bytesOf(start, end))).toBe(0);

describe('the cache', () => {
  it('gives what was put into it to the next process', async () => {
    const path = somewhere();
    const facts = factsOf(3 * mebibyte + 10);
    const first = await Cache.open(path);
    const entry = await first.use(keyOf(1), facts);
    await put(entry, 0, mebibyte);
    await put(entry, 2 * mebibyte, 3 * mebibyte + 10);
    await put(entry, mebibyte, mebibyte + 1000);
    await entry.release();
    await first.close();
    const second = await Cache.open(path);
    expect(second.bytes).toBeGreaterThanOrEqual(2 * mebibyte + 10);
    expect(await second.stats(keyOf(1))).toEqual({ facts, cached: 2 * mebibyte + 10, blocks: 4, blocksCached: 3, map: [100, 0, 100, 100] });
    expect(await second.facts(keyOf(1))).toEqual(facts);
    expect(await second.stats(keyOf(2))).toBeUndefined();
    const again = await second.use(keyOf(1), facts);
    expect([...again.held]).toEqual([
      { start: 0, end: mebibyte },
      { start: 2 * mebibyte, end: 3 * mebibyte + 10 },
    ]);
    await right(again, 2 * mebibyte + 5, 3 * mebibyte + 10);
    await again.release();
    await second.close();
    expect(readdirSync(path)).toEqual([keyOf(1)]);
  });

  it('keeps what is of the same representation, and nothing else', async () => {
    const cache = await Cache.open(somewhere(), plenty);
    const length = mebibyte + 5;
    const now = Date.now();
    const dated = { etag: undefined, lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' };
    const cases = [
      [{}, {}, true],
      [{}, { etag: '"2"' }, false],
      [{}, { etag: undefined }, false],
      [{ etag: 'W/"1"' }, { etag: 'W/"1"' }, true],
      [{ etag: 'W/"1"' }, {}, false],
      [{}, { lastModified: 'Sun, 06 Nov 1994 08:49:37 GMT' }, true],
      [dated, dated, true],
      [dated, { etag: undefined }, false],
      [{}, { length: length + 1 }, false],
      [{}, { length: undefined }, true],
      [dated, { ...dated, length: undefined }, false],
      [{ volumes: [5, mebibyte] }, { volumes: [mebibyte, 5] }, false],
      [{ etag: undefined }, { etag: undefined }, false],
      [{ etag: undefined, validatedAt: now, lifetime: 1_000_000 }, { etag: undefined }, true],
      [{ etag: undefined, validatedAt: now - 2_000_000, lifetime: 1_000_000 }, { etag: undefined }, false],
    ] as const;
    for (const [index, [before, after, kept]] of cases.entries()) {
      const key = keyOf(index);
      const entry = await cache.use(key, factsOf(length, before));
      await put(entry, 0, length);
      await entry.release();
      const again = await cache.use(key, factsOf(length, after));
      expect(again.held.size, `case ${index}`).toBe(kept ? length : 0);
      await again.release();
    }
    await cache.close();
  });

  it('has one entry for all who use the same representation at once', async () => {
    const cache = await Cache.open(somewhere(), plenty);
    const [first, second] = await Promise.all([cache.use(keyOf(1), factsOf(10)), cache.use(keyOf(1), factsOf(10, { validatedAt: 5 }))]);
    expect(second).toBe(first);
    expect(first.facts.validatedAt).toBe(5);
    await put(first, 0, 10);
    await first.release();
    await right(second, 0, 10);
    await second.release();
    await cache.close();
  });

  it('a representation that takes the place of another leaves its users what they have', async () => {
    const path = somewhere();
    const cache = await Cache.open(path, plenty);
    const length = 2 * mebibyte;
    const old = await cache.use(keyOf(1), factsOf(length));
    await put(old, 0, mebibyte);
    const young = await cache.use(keyOf(1), factsOf(length, { etag: '"2"' }));
    expect(young).not.toBe(old);
    await young.write(0, { bytes: new Uint8Array(length).fill(7), release: () => {} });
    await put(old, mebibyte, length);
    await right(old, 0, length);
    await old.flush();
    expect(await young.read({ start: 5, end: 7 })).toEqual(Buffer.from([7, 7]));
    await old.release();
    await young.release();
    expect(readdirSync(join(path, '.gone'))).toEqual([]);
    expect(cache.bytes).toBe(length);
    await cache.close();
  });

  it('takes the place that is cleared, at once and rightly, while it is used', async () => {
    const path = somewhere();
    const cache = await Cache.open(path, plenty);
    const length = 4 * mebibyte;
    const entry = await cache.use(keyOf(1), factsOf(length));
    for (let round = 0; round < 10; round++) {
      await put(entry, 0, length / 2);
      void entry.write(length / 2, { bytes: bytesOf(length / 2, length / 2 + 5), release: () => {} });
      const reading = entry.read({ start: 0, end: length / 2 }).catch(() => undefined);
      const clearing = cache.clear(keyOf(1));
      const early = round % 2 === 0;
      if (!early) expect(await clearing).toBe(length / 2 + 5);
      for (const gap of [...entry.held.gaps({ start: 1_000, end: length })]) await put(entry, gap.start, gap.end);
      await clearing;
      const seen = await reading;
      if (seen !== undefined) expect(Buffer.compare(seen, bytesOf(0, length / 2))).toBe(0);
      for (const gap of [...entry.held.gaps({ start: 1_000, end: length })]) await put(entry, gap.start, gap.end);
      await right(entry, 1_000, length);
      await entry.flush();
      await right(entry, 1_000, length);
      expect(entry.stats.blocksCached).toBe(entry.held.covers({ start: 0, end: length }) ? 4 : 3);
      await cache.clear(keyOf(1));
    }
    await put(entry, 0, length);
    await entry.release();
    expect(await cache.clearAll()).toBe(length);
    expect(cache.bytes).toBe(0);
    expect(cache.keys).toEqual([]);
    expect(await cache.clear(keyOf(1))).toBe(0);
    await cache.close();
  });

  it('an entry moves to a key that is free, used or not', async () => {
    const path = somewhere();
    const cache = await Cache.open(path, plenty);
    await fill(cache, keyOf(1), 10);
    await fill(cache, keyOf(2), 10);
    expect(await cache.rename(keyOf(1), keyOf(2))).toBe(false);
    expect(await cache.rename(keyOf(9), keyOf(3))).toBe(false);
    expect(await cache.rename(keyOf(1), keyOf(1))).toBe(false);
    expect(await cache.rename(keyOf(1), '../../x')).toBe(false);
    expect(await cache.rename(keyOf(1), keyOf(3))).toBe(true);
    const entry = await cache.use(keyOf(3), factsOf(10));
    await right(entry, 0, 10);
    expect(await cache.rename(keyOf(3), keyOf(4))).toBe(true);
    await entry.update({ name: 'b' });
    await entry.release();
    await cache.close();
    const again = await Cache.open(path, plenty);
    expect(again.keys.toSorted()).toEqual([keyOf(2), keyOf(4)]);
    expect((await again.facts(keyOf(4)))?.name).toBe('b');
    expect(await again.rename(keyOf(2), keyOf(5))).toBe(true);
    const unopened = await again.use(keyOf(5), factsOf(10));
    await right(unopened, 0, 10);
    await again.close();
  });

  it.skipIf(!existsSync('/proc/self/fd'))('keeps no more entries open than it must, and finds again what it closed', async () => {
    const cache = await Cache.open(somewhere(), plenty);
    for (let index = 0; index < 60; index++) await fill(cache, keyOf(index), 100 + index);
    await cache.clear('x'.repeat(24));
    const own = readdirSync('/proc/self/fd').length;
    expect(own).toBeLessThan(150);
    for (let index = 0; index < 60; index++) {
      const entry = await cache.use(keyOf(index), factsOf(100 + index));
      await right(entry, 0, 100 + index);
      await entry.release();
    }
    await cache.close();
  });

  it('says in one line that a key is none, and that it is closed', async () => {
    const cache = await Cache.open(somewhere(), plenty);
    await expect(cache.use('../../../etc', factsOf(1))).rejects.toThrow('../../../etc is no key');
    await cache.close();
    await expect(cache.use(keyOf(1), factsOf(1))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `the cache in ${cache.folder} is closed`,
    });
    await cache.close();
  });

  it('closed while entries are used keeps what they took', async () => {
    const path = somewhere();
    const cache = await Cache.open(path, plenty);
    const entry = await cache.use(keyOf(1), factsOf(10));
    void entry.write(0, { bytes: bytesOf(0, 10), release: () => {} });
    await cache.close();
    await entry.release();
    const again = await Cache.open(path, plenty);
    expect((await again.stats(keyOf(1)))?.cached).toBe(10);
    await again.close();
  });
});

describe('the folder of a cache', () => {
  const holder = async (path: string): Promise<ChildProcess> => {
    const built = somewhere();
    await compileInto(built, ['src/cache', 'test/cache', 'test/cache/child']);
    const child = spawn(process.execPath, [join(built, 'test/cache/child/holder.js'), path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };

  it('belongs to one process, until that is gone', async () => {
    const path = somewhere();
    const child = await holder(path);
    await expect(Cache.open(path)).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `the cache in ${path} is in use by process ${child.pid} already`,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const cache = await Cache.open(path);
    await cache.close();
    expect(readdirSync(path)).toEqual([]);
  });

  it('may hold junk: what has the name of an entry is removed, what has another is left', async () => {
    const path = somewhere();
    const cache = await Cache.open(path, plenty);
    for (const index of [1, 2, 3, 4, 5]) await fill(cache, keyOf(index), 2 * mebibyte);
    await cache.close();
    writeFileSync(join(path, keyOf(1), 'facts.json'), 'junk');
    writeFileSync(join(path, keyOf(2), 'map'), readFileSync(join(path, keyOf(2), 'map')).fill(0x55, 0, 3));
    truncateSync(join(path, keyOf(3), 'data'), mebibyte + 1);
    await rm(join(path, keyOf(4), 'facts.json'));
    await rm(join(path, keyOf(5), 'map'));
    writeFileSync(join(path, keyOf(6)), 'a file');
    symlinkSync('/etc', join(path, keyOf(7)));
    mkdirSync(join(path, keyOf(8)));
    mkdirSync(join(path, '.gone', 'half'), { recursive: true });
    writeFileSync(join(path, 'mine'), 'mine');
    const again = await Cache.open(path, plenty);
    expect(again.keys.toSorted()).toEqual([1, 2, 3, 5].map(keyOf));
    expect(readdirSync(path).toSorted()).toEqual([...[1, 2, 3, 5].map(keyOf), '.gone', 'lock', 'mine'].toSorted());
    expect(readdirSync(join(path, '.gone'))).toEqual([]);
    expect(statSync('/etc').isDirectory()).toBe(true);
    expect(await again.stats(keyOf(1))).toBeUndefined();
    expect(await again.stats(keyOf(5))).toBeUndefined();
    for (const [index, held] of [
      [1, []],
      [2, [{ start: mebibyte, end: 2 * mebibyte }]],
      [3, [{ start: 0, end: mebibyte }]],
      [5, []],
    ] as const) {
      const entry = await again.use(keyOf(index), factsOf(2 * mebibyte));
      expect([...entry.held], `entry ${index}`).toEqual(held);
      for (const { start, end } of held) await right(entry, start, end);
      await entry.release();
    }
    await again.close();
  });

  it.skipIf(!traceable)('with 10,000 entries is opened without opening any', async () => {
    const path = somewhere();
    for (let index = 0; index < 10_000; index++) {
      mkdirSync(join(path, keyOf(index)), { recursive: true });
      writeFileSync(join(path, keyOf(index), 'facts.json'), '');
      writeFileSync(join(path, keyOf(index), 'data'), 'x');
      if (index === 77) utimesSync(join(path, keyOf(index), 'facts.json'), 1, 1);
    }
    const script = `
      const { Cache } = await import('./src/cache/cache.js');
      const cache = await Cache.open(process.argv[1]);
      console.log(cache.keys.length);
      await cache.close();`;
    const built = somewhere();
    await compileInto(built, ['src/cache']);
    const traced = spawnSync('strace', ['-f', '-c', '-e', 'trace=%file', process.execPath, '--input-type=module', '-e', script, path], {
      cwd: built,
      encoding: 'utf8',
    });
    expect(traced.stdout.trim()).toBe('10000');
    const calls = Number(/^\s*100\.00\s.*?(\d+)\s+(?:\d+\s+)?total$/m.exec(traced.stderr)?.[1]);
    // Some hundred are node's own.
    expect(calls).toBeLessThan(21_500);
  });
});
