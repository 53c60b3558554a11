import { mkdtempSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { blockCount, blockRange } from '../../src/cache/blocks.ts';
import { Entry } from '../../src/cache/entry.ts';
import type { Range } from '../../src/core/range.ts';
import { RangeSet } from '../../src/core/range-set.ts';
import { chunkOf } from '../../src/testing/store-contract.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-entry-model-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;

const longest = 5_000_000;
const range = fc.tuple(fc.nat(longest), fc.nat(2_500_000)).map(([start, size]) => ({ start, end: Math.min(longest, start + size) }));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ act: fc.constant('write' as const), range }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('discard' as const), range }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('read' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('flush' as const), range }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('reopen' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('damage' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('resize' as const), range }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('clear' as const), range }) },
);

/** What an entry should hold. */
class Model {
  readonly bytes = Buffer.alloc(longest);
  readonly held = new RangeSet();
  length = longest;

  write(range: Range, value: number): void {
    for (const gap of [...this.held.gaps(range)]) this.bytes.fill(value, gap.start, gap.end);
    this.held.add(range);
  }

  /** Only whole blocks last. */
  reopen(): void {
    for (let block = 0; block < blockCount(this.length); block++) {
      const whole = blockRange(block, this.length);
      if (!this.held.covers(whole)) this.held.remove(whole);
    }
  }
}

const same = async (entry: Entry, { bytes, held }: Model, asked: Range): Promise<void> => {
  for (const { start, end } of held.within(asked)) {
    expect(Buffer.compare(await entry.read({ start, end }), bytes.subarray(start, end)), `bytes ${start} to ${end}`).toBe(0);
  }
};

/** Changes a byte of the file behind the entry's back. */
const damage = async (path: string, offset: number): Promise<void> => {
  const handle = await open(join(path, 'data'), 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await handle.write(byte, 0, 1, offset);
  await handle.close();
};

describe('an entry', () => {
  it('holds, whatever was done to it, what a plain array holds, and tells of what it holds no longer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 3_000, max: 200_000 }), async (steps, size) => {
        const path = join(folder, `${count++}`);
        const model = new Model();
        const chunks: ReturnType<typeof chunkOf>[] = [];
        const losses: Range[] = [];
        const start = async () => {
          const opened = await Entry.open(path, factsOf(model.length), { keep: () => true });
          opened.onLost((lost) => losses.push(lost));
          return opened;
        };
        let entry = await start();
        for (const [index, { act, range: asked }] of steps.entries()) {
          const range = { start: Math.min(asked.start, model.length), end: Math.min(asked.end, model.length) };
          if (act === 'write') {
            // Each write has bytes of its own, so that it shows whose bytes were kept.
            for (let at = range.start; at < range.end; at += size) {
              const end = Math.min(range.end, at + size);
              model.write({ start: at, end }, index + 1);
              const chunk = chunkOf(new Uint8Array(end - at).fill(index + 1));
              chunks.push(chunk);
              const waiting = entry.write(at, chunk);
              if (index % 2 === 0) await waiting;
            }
          } else if (act === 'discard') {
            const reading = same(entry, model, range).catch(() => undefined);
            await entry.discard(range);
            await reading;
            model.held.remove(range);
          } else if (act === 'read') {
            await same(entry, model, range);
          } else if (act === 'flush') {
            await entry.flush();
          } else if (act === 'resize') {
            model.length = Math.max(1, range.start);
            await entry.resize(model.length);
            model.held.remove({ start: model.length, end: longest });
          } else if (act === 'clear') {
            expect(await entry.clear()).toBe(model.held.size);
            model.held.remove({ start: 0, end: longest });
          } else {
            await entry.close();
            model.reopen();
            const [victim] = [...model.held];
            if (act === 'damage' && victim !== undefined) await damage(path, victim.start + (index % (victim.end - victim.start)));
            entry = await start();
            expect([...entry.held], 'after opening').toEqual([...model.held]);
            if (act === 'damage' && victim !== undefined) {
              const at = victim.start + (index % (victim.end - victim.start));
              const lost = blockRange(Math.floor(at / 1_048_576), model.length);
              losses.length = 0;
              const readers = [at, lost.start, at].map((offset) => entry.read({ start: offset, end: offset + 1 }));
              for (const outcome of await Promise.allSettled(readers)) {
                expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_FAILED' } });
              }
              expect(losses).toEqual([lost]);
              model.held.remove(lost);
            }
          }
          expect([...entry.held], `after step ${index}, ${act}`).toEqual([...model.held]);
        }
        await entry.flush();
        expect(chunks.every(({ released }) => released)).toBe(true);
        await same(entry, model, { start: 0, end: longest });
        await entry.close();
        model.reopen();
        entry = await start();
        expect([...entry.held]).toEqual([...model.held]);
        await same(entry, model, { start: 0, end: longest });
        await entry.close();
        await rm(path, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });
});
