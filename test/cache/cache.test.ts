import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { Cache } from '../../src/cache/cache.ts';
import { bytesOf, put } from '../../src/testing/store-contract.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-cache-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const somewhere = () => join(folder, `${count++}`);
const keyOf = (index: number) => index.toString(16).padStart(24, '0');
const mebibyte = 1_048_576;

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
    const again = await second.use(keyOf(1), facts);
    expect([...again.held]).toEqual([
      { start: 0, end: mebibyte },
      { start: 2 * mebibyte, end: 3 * mebibyte + 10 },
    ]);
    const range = { start: 2 * mebibyte + 5, end: 3 * mebibyte + 10 };
    expect(Buffer.compare(await again.read(range), bytesOf(range.start, range.end))).toBe(0);
    await again.release();
    await second.close();
    expect(readdirSync(path)).toEqual([keyOf(1)]);
  });
});
