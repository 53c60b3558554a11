import { deepEqual, equal, ok, rejects } from 'node:assert/strict';

import type { Chunk, Store, WindowStore } from '../core/ports.ts';

/** The two functions of a test runner that a contract is told through: vitest's, node:test's or alike. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** The byte that belongs at `offset` in every contract. */
export const byteAt = (offset: number): number => (offset * 31 + (offset >>> 8) * 17 + (offset >>> 16)) & 0xff;

/** The bytes that belong in `[start, end)`. */
export const bytesOf = (start: number, end: number): Uint8Array => {
  const bytes = new Uint8Array(end - start);
  for (let offset = start; offset < end; offset++) bytes[offset - start] = byteAt(offset);
  return bytes;
};

/** A chunk that complains when it is released twice. */
export const chunkOf = (bytes: Uint8Array): Chunk & { readonly released: boolean } => {
  let released = false;
  return {
    bytes,
    get released() {
      return released;
    },
    release() {
      ok(!released, 'a chunk was released twice');
      released = true;
      bytes.fill(0xee);
    },
  };
};

/** Puts the right bytes of `[start, end)` into `store` and waits until it wants more. */
export const put = async (store: Store, start: number, end: number): Promise<void> => {
  await store.write(start, chunkOf(bytesOf(start, end)));
};

const same = (actual: Uint8Array | undefined, expected: Uint8Array): void => {
  ok(actual !== undefined && Buffer.compare(actual, expected) === 0, 'other bytes than those that were written');
};

/** What every Store does. `open` gives an empty one with room for 4 MiB from offset 0 on. */
export const storeContract = ({ describe, it }: Runner, name: string, open: () => Promise<Store>): void => {
  const using = (title: string, body: (store: Store) => Promise<void>) =>
    it(title, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });

  describe(`the Store contract of ${name}`, () => {
    using('an empty store holds nothing', async (store) => {
      equal(store.held.size, 0);
    });

    using('bytes come back as they were written, in whatever order they came', async (store) => {
      for (const part of [5, 1, 3, 0, 4, 2]) await put(store, part * 100_003, (part + 1) * 100_003);
      deepEqual([...store.held], [{ start: 0, end: 600_018 }]);
      same(await store.read({ start: 0, end: 600_018 }), bytesOf(0, 600_018));
      same(await store.read({ start: 99_999, end: 400_001 }), bytesOf(99_999, 400_001));
    });

    using('bytes count as held once write returns', async (store) => {
      store.write(10, chunkOf(bytesOf(10, 20)));
      deepEqual([...store.held], [{ start: 10, end: 20 }]);
    });

    using('every chunk is released, once, at the latest when all is flushed', async (store) => {
      const chunks = [0, 7, 60_000, 7].map((offset) => ({ offset, chunk: chunkOf(bytesOf(offset, offset + 65_536)) }));
      for (const { offset, chunk } of chunks) await store.write(offset, chunk);
      await store.flush();
      for (const { chunk } of chunks) ok(chunk.released);
      same(await store.read({ start: 0, end: 125_536 }), bytesOf(0, 125_536));
    });

    using('bytes held already are not replaced', async (store) => {
      await put(store, 100, 200);
      await store.write(50, chunkOf(new Uint8Array(200).fill(0xff)));
      same(await store.read({ start: 100, end: 200 }), bytesOf(100, 200));
      same(await store.read({ start: 200, end: 250 }), new Uint8Array(50).fill(0xff));
    });

    using('an empty chunk is taken and changes nothing', async (store) => {
      const chunk = chunkOf(new Uint8Array(0));
      await store.write(5, chunk);
      ok(chunk.released);
      equal(store.held.size, 0);
    });

    using('a chunk of a mebibyte is taken whole', async (store) => {
      await put(store, 12_345, 12_345 + 1_048_576);
      same(await store.read({ start: 12_345, end: 12_345 + 1_048_576 }), bytesOf(12_345, 12_345 + 1_048_576));
    });

    using('reading what is not held is refused', async (store) => {
      await put(store, 0, 10);
      await rejects(store.read({ start: 5, end: 15 }), { code: 'STORE_FAILED' });
    });

    using('a read is a copy', async (store) => {
      await put(store, 0, 10);
      (await store.read({ start: 0, end: 10 })).fill(0);
      same(await store.read({ start: 0, end: 10 }), bytesOf(0, 10));
    });

    using('discarded bytes are no longer held and can be written anew', async (store) => {
      await store.write(0, chunkOf(new Uint8Array(300).fill(0xff)));
      await store.discard({ start: 100, end: 200 });
      deepEqual(
        [...store.held],
        [
          { start: 0, end: 100 },
          { start: 200, end: 300 },
        ],
      );
      await put(store, 100, 200);
      same(await store.read({ start: 100, end: 200 }), bytesOf(100, 200));
    });

    using('nothing past the length is held', async (store) => {
      await put(store, 0, 1_000);
      await store.resize(600);
      deepEqual([...store.held], [{ start: 0, end: 600 }]);
    });

    using('a length may be said before any byte comes', async (store) => {
      await store.resize(1_000);
      await put(store, 900, 1_000);
      deepEqual([...store.held], [{ start: 900, end: 1_000 }]);
    });

    it('a closed store takes nothing more, and may be closed again', async () => {
      const store = await open();
      await put(store, 0, 10);
      await store.close();
      await store.close();
      const chunk = chunkOf(bytesOf(10, 20));
      await rejects(async () => store.write(10, chunk), { code: 'STORE_FAILED' });
      ok(chunk.released);
    });
  });
};

/** What every WindowStore does beyond that. `open` gives an empty one with a window of exactly 4 MiB. */
export const windowStoreContract = ({ describe, it }: Runner, name: string, open: () => Promise<WindowStore>): void => {
  const window = 4 * 1_048_576;
  const viewAll = (store: WindowStore, start: number, end: number): Uint8Array => {
    const whole = new Uint8Array(end - start);
    for (let offset = start; offset < end; ) {
      const part = store.view(offset)?.subarray(0, end - offset);
      ok(part !== undefined && part.length > 0, `nothing to see at ${offset}`);
      whole.set(part, offset - start);
      offset += part.length;
    }
    return whole;
  };

  describe(`the WindowStore contract of ${name}`, () => {
    it('views show the held bytes and nothing else', async () => {
      const store = await open();
      await put(store, 1_000, 900_000);
      equal(store.view(999), undefined);
      equal(store.view(900_000), undefined);
      same(viewAll(store, 1_000, 900_000), bytesOf(1_000, 900_000));
    });

    it('a view stays as it is while other bytes come, until the head passes it', async () => {
      const store = await open();
      await put(store, 0, 100);
      const view = store.view(0);
      await put(store, 50, window);
      same(view, bytesOf(0, 100));
    });

    it('what lies before the head is forgotten, and dropped when it comes again', async () => {
      const store = await open();
      await put(store, 0, 500_000);
      store.advance(300_000);
      equal(store.bytesHeld, 200_000);
      equal(store.view(299_999), undefined);
      await put(store, 200_000, 400_000);
      deepEqual([...store.held], [{ start: 300_000, end: 500_000 }]);
    });

    it('a head never goes back', async () => {
      const store = await open();
      store.advance(100);
      store.advance(50);
      await put(store, 0, 200);
      equal(store.bytesHeld, 100);
    });

    it('the window moves with the head and is never exceeded', async () => {
      const store = await open();
      await put(store, 0, window);
      await rejects(() => put(store, window, window + 1));
      store.advance(1);
      await put(store, window, window + 1);
      equal(store.bytesHeld, window);
      equal(store.peak, window);
      same(viewAll(store, 1, window + 1), bytesOf(1, window + 1));
    });

    it('a stream of any length passes through', async () => {
      const store = await open();
      const step = 1_500_007;
      for (let start = 0; start < 10 * step; start += step) {
        await put(store, start + 700_000, start + step);
        await put(store, start, start + 800_000);
        same(viewAll(store, start, start + step), bytesOf(start, start + step));
        store.advance(start + step);
      }
      equal(store.bytesHeld, 0);
      ok(store.peak <= window);
    });
  });
};
