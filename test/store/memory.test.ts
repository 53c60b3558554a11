import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BufferPool } from '../../src/store/buffer-pool.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { byteAt, bytesOf, chunkOf, storeContract, windowStoreContract } from '../../src/testing/store-contract.ts';

const window = 4 * 1_048_576;
storeContract({ describe, it }, 'MemoryStore', async () => new MemoryStore(window));
windowStoreContract({ describe, it }, 'MemoryStore', async () => new MemoryStore(window));

describe('MemoryStore', () => {
  it('a chunk is released at once, so that the slab it was cut from is free', () => {
    const store = new MemoryStore(1_000);
    const chunk = chunkOf(bytesOf(0, 10));
    store.write(0, chunk);
    expect(chunk.released).toBe(true);
    expect(store.view(0)).toEqual(Buffer.from(bytesOf(0, 10)));
  });

  it('a chunk past the window is released too', () => {
    const store = new MemoryStore(5);
    const chunk = chunkOf(bytesOf(0, 10));
    expect(() => store.write(0, chunk)).toThrow('the window ends at 5');
    expect(chunk.released).toBe(true);
  });

  it('blocks are used again when the head has passed them', () => {
    let made = 0;
    class CountingPool extends BufferPool {
      override take(): Buffer {
        if (this.idle === 0) made++;
        return super.take();
      }
    }
    const store = new MemoryStore(1_000, new CountingPool(100, 20));
    for (let offset = 0; offset < 100_000; offset += 50) {
      store.write(offset, chunkOf(bytesOf(offset, offset + 50)));
      store.advance(offset + 50);
    }
    expect(made).toBeLessThanOrEqual(2);
  });

  it('does what a plain array does, whatever comes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), at: fc.nat(60), size: fc.nat(40) }),
      fc.record({ kind: fc.constant('advance' as const), at: fc.nat(30), size: fc.constant(0) }),
      fc.record({ kind: fc.constant('discard' as const), at: fc.nat(60), size: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 17 }), (steps, size) => {
        const limit = 64;
        const store = new MemoryStore(limit, new BufferPool(size, 3));
        const model = new Set<number>();
        let head = 0;
        for (const { kind, at, size: length } of steps) {
          const range = { start: head + at, end: head + at + length };
          if (kind === 'advance') {
            head += at;
            store.advance(head);
            for (const offset of model) if (offset < head) model.delete(offset);
          } else if (kind === 'discard') {
            void store.discard(range);
            for (let offset = range.start; offset < range.end; offset++) model.delete(offset);
          } else if (range.end - head <= limit || length === 0) {
            const start = Math.max(0, range.start - 10);
            store.write(start, chunkOf(bytesOf(start, range.end)));
            for (let offset = Math.max(head, start); offset < range.end; offset++) model.add(offset);
          }
          expect(store.bytesHeld).toBe(model.size);
          expect(store.bytesHeld).toBeLessThanOrEqual(limit);
          for (let offset = head; offset < head + limit; offset++) {
            const view = store.view(offset);
            expect(view !== undefined).toBe(model.has(offset));
            if (view !== undefined) for (const [index, byte] of view.entries()) expect(byte).toBe(byteAt(offset + index));
          }
        }
      }),
    );
  });
});
