import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Batch, Batches } from '../../src/store/batches.ts';
import { bytesOf, chunkOf } from '../../src/testing/store-contract.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Batches whose writes end when told to. */
const open = () => {
  const writes: { readonly batch: Batch; readonly end: () => void; readonly fail: (error: Error) => void }[] = [];
  const failures: unknown[] = [];
  const batches = new Batches(
    (batch) => new Promise((end, fail) => writes.push({ batch, end, fail })),
    (error) => failures.push(error),
    4 * 1_048_576,
  );
  const add = (start: number, end: number) => {
    const chunk = chunkOf(bytesOf(start, end));
    batches.add(start, chunk);
    return chunk;
  };
  const ranges = () => writes.map(({ batch }) => [batch.start, batch.end]);
  return { batches, writes, failures, add, ranges };
};

describe('Batches', () => {
  it('chunks that follow each other are one write of 256 KiB', () => {
    const { add, ranges } = open();
    for (let at = 0; at < 262_144; at += 32_768) {
      expect(ranges()).toEqual([]);
      add(at, at + 32_768);
    }
    expect(ranges()).toEqual([[0, 262_144]]);
  });

  it('streams are gathered apart', async () => {
    const { batches, writes, add, ranges } = open();
    for (const at of [0, 10, 20]) for (const stream of [0, 1_000_000]) add(stream + at, stream + at + 10);
    expect(batches.streams).toBe(2);
    const drained = batches.drain();
    expect(ranges()).toEqual([
      [0, 30],
      [1_000_000, 1_000_030],
    ]);
    for (const { end } of writes) end();
    await drained;
  });

  it('what waits for company is written after 200 ms at the latest', () => {
    const { batches, add, ranges } = open();
    add(0, 10);
    vi.advanceTimersByTime(199);
    expect(ranges()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ranges()).toEqual([[0, 10]]);
    vi.advanceTimersByTime(200);
    expect(batches.streams).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('small chunks are written before they hold too many slabs', () => {
    const { add, ranges } = open();
    for (let at = 0; at < 32; at++) add(at, at + 1);
    expect(ranges()).toEqual([[0, 32]]);
  });

  it('many streams gather no more than 4 MiB together, about', () => {
    const { batches, writes, add } = open();
    for (let round = 0; round < 20; round++) {
      for (let stream = 0; stream < 128; stream++) add(stream * 1_000_000 + round * 16_384, stream * 1_000_000 + (round + 1) * 16_384);
    }
    const gathered = 128 * 20 * 16_384 - (batches.waiting + writes.length) * 32_768;
    expect(gathered).toBeLessThanOrEqual(4 * 1_048_576);
  });

  it('two writes at once, the others in the order they came', async () => {
    const { batches, writes, add, ranges } = open();
    for (const at of [0, 100, 200, 300]) add(at, at + 1);
    const drained = batches.drain();
    expect(ranges()).toEqual([
      [0, 1],
      [100, 101],
    ]);
    writes[1]?.end();
    await vi.waitFor(() => expect(ranges()).toHaveLength(3));
    writes[0]?.end();
    await vi.waitFor(() => expect(ranges()).toHaveLength(4));
    for (const { end } of writes) end();
    await drained;
  });

  it('a chunk is released when its write is over, not before', async () => {
    const { batches, writes, add } = open();
    const chunk = add(0, 10);
    const drained = batches.drain();
    expect(chunk.released).toBe(false);
    writes[0]?.end();
    await drained;
    expect(chunk.released).toBe(true);
  });

  it('a failed write is told, and its chunks are released', async () => {
    const { batches, writes, failures, add } = open();
    const chunk = add(0, 10);
    const drained = batches.drain();
    writes[0]?.fail(new Error('no'));
    await drained;
    expect(failures).toEqual([new Error('no')]);
    expect(chunk.released).toBe(true);
  });

  it('what is dropped is released without being written, once what is being written is done', async () => {
    const { batches, writes, add, ranges } = open();
    const chunks = [0, 100, 200].map((at) => add(at, at + 1));
    void batches.drain();
    chunks.push(add(300, 301));
    const dropped = batches.drop();
    expect(chunks.map(({ released }) => released)).toEqual([false, false, true, true]);
    for (const { end } of writes) end();
    await dropped;
    expect(chunks.every(({ released }) => released)).toBe(true);
    expect(ranges()).toHaveLength(2);
  });

  it('draining waits for what was there, not for what comes meanwhile', async () => {
    const { batches, writes, add } = open();
    add(0, 1);
    const drained = batches.drain();
    add(100, 101);
    writes[0]?.end();
    await drained;
    expect(writes).toHaveLength(1);
  });
});
