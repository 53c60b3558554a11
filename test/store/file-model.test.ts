import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RangeSet } from '../../src/core/range-set.ts';
import { FileStore } from '../../src/store/file.ts';
import { chunkOf } from '../../src/testing/store-contract.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

const length = 2_000_000;
const facts = { urls: ['http://127.0.0.1/f'], length, validators: new Map() };
const range = fc.tuple(fc.nat(length), fc.nat(400_000)).map(([start, size]) => ({ start, end: Math.min(length, start + size) }));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constant('write' as const), range }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('discard' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('flush' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('reopen' as const), range }) },
);

describe('FileStore', () => {
  it('holds, after whatever was written, discarded and reopened, what a plain array holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 3_000, max: 80_000 }), async (steps, size) => {
        const path = join(folder, `${count++}`);
        const bytes = Buffer.alloc(length);
        const held = new RangeSet();
        const chunks: ReturnType<typeof chunkOf>[] = [];
        let store = await FileStore.open(path, { facts, keep: false });
        for (const [index, { act, range }] of steps.entries()) {
          if (act === 'write') {
            // Each write has bytes of its own, so that it shows whose bytes were kept.
            for (let at = range.start; at < range.end; at += size) {
              const end = Math.min(range.end, at + size);
              for (const gap of [...held.gaps({ start: at, end })]) bytes.fill(index + 1, gap.start, gap.end);
              held.add({ start: at, end });
              const chunk = chunkOf(new Uint8Array(end - at).fill(index + 1));
              chunks.push(chunk);
              const waiting = store.write(at, chunk);
              if (index % 2 === 0) await waiting;
            }
          } else if (act === 'discard') {
            await store.discard(range);
            held.remove(range);
          } else if (act === 'flush') {
            await store.flush();
          } else {
            await store.close();
            store = await FileStore.open(path, { facts, keep: true });
          }
          expect([...store.held]).toEqual([...held]);
        }
        await store.flush();
        expect(chunks.every(({ released }) => released)).toBe(true);
        const vouched = (await FileStore.peek(path))?.held;
        expect([...(vouched ?? [])]).toEqual([...held]);
        const found = readFileSync(store.partPath);
        for (const { start, end } of held) {
          expect(Buffer.compare(found.subarray(start, end), bytes.subarray(start, end))).toBe(0);
          expect(Buffer.compare(await store.read({ start, end }), bytes.subarray(start, end))).toBe(0);
        }
        await store.abandon();
      }),
      { numRuns: 30 },
    );
  });
});
