import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Cache } from '../../src/cache/cache.ts';
import { compileInto } from '../store/compiled.ts';
import { contentOf } from '../store/content.ts';
import { factsOf } from './facts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-cache-kill-'));
  await compileInto(folder, ['src/cache', 'test/cache', 'test/cache/child']);
});
afterAll(() => rm(folder, { recursive: true }));

const length = 24 * 1_048_576 + 12_345;
const key = '0123456789abcdef01234567';

const start = (path: string, streams: number, seed: number): ChildProcess =>
  spawn(process.execPath, [join(folder, 'test/cache/child/writer.js'), path, ...[length, streams, seed].map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** What the cache in `path` now gives out is right; returns how much that is. */
const check = async (path: string, seed: number): Promise<{ readonly claimed: number; readonly right: number }> => {
  const cache = await Cache.open(path, { size: 2 ** 31, floor: 0 });
  const entry = await cache.use(key, factsOf(length));
  const claimed = entry.held.size;
  for (const { start, end } of [...entry.held]) {
    for (let at = start; at < end; at += 1_048_576) {
      const part = { start: at, end: Math.min(end, at + 1_048_576) };
      const bytes = await entry.read(part).catch(() => undefined);
      if (bytes !== undefined) expect(Buffer.compare(bytes, contentOf(part.start, part.end)), `seed ${seed}, ${at}`).toBe(0);
      else expect(entry.held.covers(part)).toBe(false);
    }
  }
  const right = entry.held.size;
  await entry.release();
  await cache.close();
  return { claimed, right };
};

/** Makes of a part of the file what a power cut may: zeros, or something else. */
const lose = (path: string, random: (limit: number) => number): void => {
  const file = openSync(join(path, key, random(4) === 0 ? 'map' : 'data'), 'r+');
  const size = 1 + random(3_000_000);
  writeSync(file, Buffer.alloc(size, random(2) === 0 ? 0 : random(256)), 0, size, random(length));
  closeSync(file);
};

describe('kill -9 of the cache', () => {
  for (const [streams, cut] of [
    [1, false],
    [4, false],
    [3, true],
  ] as const) {
    const title = `with ${streams} streams${cut ? ', and bytes that never reached the disk,' : ''} never leaves a wrong byte to be given out`;
    it(title, async () => {
      const path = join(folder, `of ${streams}`);
      const seed = Math.floor(Math.random() * 2 ** 31);
      let state = seed;
      const random = (limit: number) => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return Math.floor((state / 2 ** 32) * limit);
      };
      let most = 0;
      for (let kill = 0; kill < 6; kill++) {
        const child = start(path, streams, seed + kill);
        const ended = once(child, 'exit');
        await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
        const timer = setTimeout(() => child.kill('SIGKILL'), random(500));
        const [code] = await ended;
        clearTimeout(timer);
        expect([0, null], `seed ${seed}, kill ${kill}`).toContain(code);
        if (cut && readFileSync(join(path, key, 'data')).length > 0) lose(path, random);
        const { claimed, right } = await check(path, seed);
        if (!cut) expect(right, `seed ${seed}, kill ${kill}`).toBe(claimed);
        most = Math.max(most, right);
      }
      expect(most, `seed ${seed}`).toBeGreaterThan(0);
    });
  }
});
