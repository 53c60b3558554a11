import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';

import { Entry } from '../../src/cache/entry.ts';
import type { Range } from '../../src/core/range.ts';
import { bytesOf, chunkOf, put, storeContract } from '../../src/testing/store-contract.ts';
import { contentOf } from '../store/content.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-entry-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const somewhere = () => join(folder, `${count++}`);
const mebibyte = 1_048_576;
const keep = () => true;

storeContract({ describe, it }, 'Entry', () => Entry.open(somewhere(), factsOf()));

const right = async (entry: Entry, { start, end }: Range) => {
  expect(Buffer.compare(await entry.read({ start, end }), contentOf(start, end)), `bytes ${start} to ${end}`).toBe(0);
};

describe('an entry', () => {
  it('cleared again and again while it is written and read never gives out a wrong byte, nor keeps one', async () => {
    const path = somewhere();
    const length = 6 * mebibyte + 99;
    let entry = await Entry.open(path, factsOf(length));
    let clears = 25;
    const write = async (first: number) => {
      for (let at = first; clears > 0; at = (at + 90_001) % length) {
        const end = Math.min(length, at + 90_001);
        await entry.write(at, chunkOf(contentOf(at, end)));
        await turn();
      }
    };
    const read = async () => {
      while (clears > 0) {
        for (const { start, end } of [...entry.held]) {
          const part = { start, end: Math.min(end, start + 200_000) };
          const bytes = await entry.read(part).catch(() => undefined);
          if (bytes !== undefined) expect(Buffer.compare(bytes, contentOf(part.start, part.end)), `at ${part.start}`).toBe(0);
        }
        await turn();
      }
    };
    const clear = async () => {
      for (; clears > 0; clears--) {
        for (let wait = 0; wait < clears; wait++) await turn();
        await entry.clear();
      }
    };
    await Promise.all([write(0), write(3_000_000), write(5_000_000), read(), clear()]);
    for (const part of [...entry.held]) await right(entry, part);
    await entry.flush();
    for (const part of [...entry.held]) await right(entry, part);
    for (const gap of [...entry.held.gaps({ start: 0, end: length })]) await entry.write(gap.start, chunkOf(contentOf(gap.start, gap.end)));
    await entry.flush();
    expect(entry.stats.blocksCached).toBe(7);
    await entry.close();
    entry = await Entry.open(path, factsOf(length), { keep });
    expect(entry.held.size).toBe(length);
    await right(entry, { start: 0, end: length });
    await entry.close();
  });

  it('cleared while bytes are being written counts nothing of these', async () => {
    const entry = await Entry.open(somewhere(), factsOf(2 * mebibyte));
    void entry.write(0, chunkOf(contentOf(0, 2 * mebibyte)));
    await entry.clear();
    expect(entry.stats.blocksCached).toBe(0);
    await entry.flush();
    expect(entry.stats.blocksCached).toBe(0);
    await entry.write(100, chunkOf(contentOf(100, 2 * mebibyte)));
    await entry.flush();
    expect(entry.stats.blocksCached).toBe(1);
    await entry.close();
  });

  it('whose length changes has another last block', async () => {
    for (const [before, after, kept] of [
      [mebibyte + 500, 3 * mebibyte, mebibyte],
      [mebibyte + 500, mebibyte + 100, mebibyte + 100],
      [mebibyte, 2 * mebibyte, mebibyte],
      [2 * mebibyte, mebibyte, mebibyte],
      [2 * mebibyte, 5, 5],
    ] as const) {
      for (const reopened of [false, true]) {
        const path = somewhere();
        let entry = await Entry.open(path, factsOf(before));
        await entry.write(0, chunkOf(contentOf(0, before)));
        await entry.flush();
        if (reopened) {
          await entry.close();
          entry = await Entry.open(path, factsOf(before), { keep });
        }
        await entry.resize(after);
        await entry.flush();
        const end = Math.min(before, after);
        expect([...entry.held]).toEqual([{ start: 0, end }]);
        await right(entry, { start: 0, end });
        expect(entry.stats).toMatchObject({ cached: kept, blocks: Math.ceil(after / mebibyte) });
        await entry.close();
        entry = await Entry.open(path, factsOf(after), { keep });
        expect(entry.held.size).toBe(kept);
        await right(entry, { start: 0, end: kept });
        await entry.close();
      }
    }
  });

  it('whose length comes last keeps all of it', async () => {
    const path = somewhere();
    const length = 2 * mebibyte + 77;
    let entry = await Entry.open(path, factsOf());
    await entry.write(0, chunkOf(contentOf(0, length)));
    expect(entry.stats.map).toEqual([]);
    await entry.resize(length);
    await entry.flush();
    expect(entry.stats).toMatchObject({ cached: length, blocks: 3, blocksCached: 3 });
    await entry.close();
    entry = await Entry.open(path, factsOf(length), { keep });
    await right(entry, { start: 0, end: length });
    await entry.close();
  });

  it('of which a byte is found wrong and brought anew sums that block again', async () => {
    const path = somewhere();
    const length = 3 * mebibyte;
    const wrong = { start: mebibyte + 5, end: mebibyte + 6 };
    for (const reopened of [false, true]) {
      let entry = await Entry.open(path, factsOf(length));
      await entry.write(0, chunkOf(contentOf(0, length).fill(0, wrong.start, wrong.end)));
      await entry.flush();
      if (reopened) {
        await entry.close();
        entry = await Entry.open(path, factsOf(length), { keep });
      }
      await entry.discard(wrong);
      expect(entry.stats.blocksCached).toBe(2);
      await entry.write(wrong.start, chunkOf(contentOf(wrong.start, wrong.end)));
      await entry.flush();
      expect(entry.stats.blocksCached).toBe(3);
      await entry.close();
      entry = await Entry.open(path, factsOf(length), { keep });
      await right(entry, { start: 0, end: length });
      await entry.close();
    }
  });

  it('reads what is not written yet from memory, also where a range has both', async () => {
    const entry = await Entry.open(somewhere(), factsOf(10_000));
    await put(entry, 0, 3_000);
    await entry.flush();
    await put(entry, 5_000, 10_000);
    await put(entry, 3_000, 5_000);
    const target = new Uint8Array(8_000);
    await entry.readInto(1_000, target);
    expect(Buffer.compare(target, bytesOf(1_000, 9_000))).toBe(0);
    await entry.close();
    await expect(entry.read({ start: 0, end: 1 })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('that would be too long is refused, whether that is known at first or later', async () => {
    await expect(Entry.open(somewhere(), factsOf(2 ** 50))).rejects.toMatchObject({ code: 'DISK_FULL' });
    const entry = await Entry.open(somewhere(), factsOf());
    await expect(entry.resize(2 ** 50)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await entry.close();
  });
});
