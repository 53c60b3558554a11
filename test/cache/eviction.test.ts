import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { Cache } from '../../src/cache/cache.ts';
import type { Entry } from '../../src/cache/entry.ts';
import { chunkOf } from '../../src/testing/store-contract.ts';
import { contentOf } from '../store/content.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-eviction-'));
const mounted: string[] = [];
const mount = (name: string, options: string): string | undefined => {
  const point = join(folder, name);
  mkdirSync(point);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', point]).status !== 0) return undefined;
  mounted.push(point);
  return point;
};
const small = mount('small', 'size=6m');
afterAll(() => {
  for (const point of mounted) execFileSync('umount', [point]);
  rmSync(folder, { recursive: true });
});
let count = 0;
const somewhere = () => join(folder, `${count++}`);
const keyOf = (index: number) => index.toString(16).padStart(24, '0');
const mebibyte = 1_048_576;

const put = async (entry: Entry, start: number, end: number) => {
  for (let at = start; at < end; at += 65_536) await entry.write(at, chunkOf(contentOf(at, Math.min(end, at + 65_536))));
};
const fill = async (cache: Cache, index: number, length: number): Promise<void> => {
  const entry = await cache.use(keyOf(index), factsOf(length));
  try {
    await put(entry, 0, length);
  } finally {
    await entry.release();
  }
};
const right = async (entry: Entry, start: number, end: number) =>
  expect(Buffer.compare(await entry.read({ start, end }), contentOf(start, end))).toBe(0);

describe('a cache that grows too large', () => {
  it('gives up what was not used for longest, also where that was another process', async () => {
    const path = somewhere();
    const first = await Cache.open(path, { size: 4 * mebibyte, floor: 0 });
    for (const index of [1, 2, 3]) await fill(first, index, mebibyte);
    await (await first.use(keyOf(1), factsOf(mebibyte))).release();
    await first.close();
    const second = await Cache.open(path, { size: 4 * mebibyte, floor: 0 });
    await fill(second, 4, 2 * mebibyte);
    expect(second.keys.toSorted()).toEqual([1, 3, 4].map(keyOf));
    await fill(second, 5, mebibyte);
    expect(second.keys.toSorted()).toEqual([1, 4, 5].map(keyOf));
    expect(second.bytes).toBe(4 * mebibyte);
    await second.close();
    const third = await Cache.open(path, { size: 3 * mebibyte, floor: 0 });
    expect(third.keys.toSorted()).toEqual([4, 5].map(keyOf));
    await third.close();
    expect(readdirSync(join(path, '.gone'))).toEqual([]);
  });

  it('never gives up what is used, and refuses more where all is; what is there goes on', async () => {
    const cache = await Cache.open(somewhere(), { size: 4 * mebibyte, floor: 0 });
    const first = await cache.use(keyOf(1), factsOf(3 * mebibyte));
    const second = await cache.use(keyOf(2), factsOf(3 * mebibyte));
    await put(first, 0, 3 * mebibyte);
    const chunk = chunkOf(contentOf(mebibyte, mebibyte + 1));
    await put(second, 0, mebibyte);
    expect(() => second.write(mebibyte, chunk)).toThrow(
      expect.objectContaining({ code: 'DISK_FULL', message: expect.stringMatching(/^the cache is full/) }),
    );
    expect(chunk.released).toBe(true);
    await right(first, 0, 3 * mebibyte);
    await right(second, 0, mebibyte);
    await first.release();
    await put(second, mebibyte, 3 * mebibyte);
    await right(second, 0, 3 * mebibyte);
    expect(cache.keys).toEqual([keyOf(2)]);
    await second.release();
    await cache.close();
  });

  it('is never larger than it may be once all is settled, nor gives up a used entry, whatever is done', async () => {
    const step = fc.record({
      act: fc.constantFrom('use' as const, 'write' as const, 'write' as const, 'release' as const, 'clear' as const, 'reopen' as const),
      index: fc.nat(6),
      start: fc.nat(2 * mebibyte),
      size: fc.nat(mebibyte),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const path = somewhere();
        const options = { size: 3 * mebibyte, floor: 0 };
        const length = 3 * mebibyte;
        let cache = await Cache.open(path, options);
        const used = new Map<number, Entry>();
        for (const { act, index, start, size } of steps) {
          const entry = used.get(index);
          if (act === 'use' && entry === undefined) used.set(index, await cache.use(keyOf(index), factsOf(length)));
          if (act === 'clear') await cache.clear(keyOf(index));
          if (act === 'release' && entry !== undefined) {
            used.delete(index);
            await entry.release();
          }
          if (act === 'reopen') {
            for (const each of used.values()) await each.release();
            used.clear();
            await cache.close();
            cache = await Cache.open(path, options);
          }
          if (act === 'write' && entry !== undefined) {
            try {
              await put(entry, start, Math.min(length, start + size));
            } catch (error) {
              expect(error).toMatchObject({ code: 'DISK_FULL' });
              expect(cache.keys.every((key) => [...used.keys()].map(keyOf).includes(key))).toBe(true);
            }
          }
          expect(cache.bytes).toBeLessThanOrEqual(3 * mebibyte);
          for (const [key, each] of used) {
            expect(cache.keys).toContain(keyOf(key));
            for (const range of [...each.held]) await right(each, range.start, range.end);
          }
        }
        for (const each of used.values()) await each.release();
        await cache.close();
        rmSync(path, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });
});

describe('a disk that fills up', () => {
  it('makes the cache give up what is unused before others run out of room', async () => {
    let others = 0;
    let cache: Cache | undefined;
    const free = async () => 15 * mebibyte - others - (cache?.bytes ?? 0);
    cache = await Cache.open(somewhere(), { size: 2 ** 31, floor: 5 * mebibyte, free });
    for (const index of [1, 2, 3]) await fill(cache, index, 3 * mebibyte);
    expect(cache.keys).toHaveLength(3);
    await fill(cache, 4, 3 * mebibyte);
    expect(cache.keys.toSorted()).toEqual([2, 3, 4].map(keyOf));
    // Seen at the latest when so much was written that the disk is looked at again.
    others = 3 * mebibyte;
    for (let written = 0; written < 40; written += 3) await fill(cache, 5 + written, 3 * mebibyte);
    expect(cache.keys).toHaveLength(2);
    others = 100 * mebibyte;
    const entry = await cache.use(keyOf(100), factsOf(100 * mebibyte));
    await expect(put(entry, 0, 100 * mebibyte)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(cache.keys).toEqual([keyOf(100)]);
    expect(entry.held.size).toBeLessThan(40 * mebibyte);
    await entry.release();
    await cache.close();
  });

  it.skipIf(small === undefined)('is told, and costs only what could not be written', async () => {
    const cache = await Cache.open(join(`${small}`, 'cache'), { size: 2 ** 31, floor: 0, free: async () => 2 ** 40 });
    const entry = await cache.use(keyOf(1), factsOf(20 * mebibyte));
    const lost: number[] = [];
    entry.onLost(({ start, end }) => lost.push(end - start));
    await expect(put(entry, 0, 20 * mebibyte).then(() => entry.flush())).rejects.toMatchObject({ code: 'DISK_FULL' });
    // As often as it takes until everything that failed was told of.
    for (let look = 0; look < 3; look++) await entry.flush().catch(() => undefined);
    expect(lost.length).toBeGreaterThan(0);
    expect(entry.held.size).toBeGreaterThan(4 * mebibyte);
    expect(entry.held.size).toBeLessThan(7 * mebibyte);
    expect(cache.bytes).toBe(entry.held.size);
    for (const { start, end } of [...entry.held]) await right(entry, start, end);
    execFileSync('mount', ['-o', 'remount,size=40m', `${small}`]);
    for (const { start, end } of [...entry.held.gaps({ start: 0, end: 20 * mebibyte })]) await put(entry, start, end);
    await entry.flush();
    await right(entry, 0, 20 * mebibyte);
    expect(entry.stats.blocksCached).toBe(20);
    await entry.release();
    await cache.close();
  });
});
