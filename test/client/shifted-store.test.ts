import { describe, expect, it } from 'vitest';

import { ShiftedStore } from '../../src/client/shifted-store.ts';
import { MemoryStore } from '../../src/store/memory.ts';

describe('a store of a region', () => {
  it('keeps bytes at its own start and shows them where the file has them', async () => {
    const inner = new MemoryStore(100);
    const store = new ShiftedStore(inner, { start: 1000, end: 1050 });
    store.write(1010, { bytes: Uint8Array.of(1, 2, 3), release: () => undefined });
    expect([...store.held]).toEqual([{ start: 1010, end: 1013 }]);
    expect([...inner.held]).toEqual([{ start: 10, end: 13 }]);
    expect([...(await store.read({ start: 1011, end: 1013 }))]).toEqual([2, 3]);
    await store.discard({ start: 1011, end: 1012 });
    expect([...store.held]).toEqual([
      { start: 1010, end: 1011 },
      { start: 1012, end: 1013 },
    ]);
    expect([...new ShiftedStore(inner, { start: 5, end: 105 }).held]).toEqual([
      { start: 15, end: 16 },
      { start: 17, end: 18 },
    ]);
  });

  it('is as long as what the file has of the region', async () => {
    const inner = new MemoryStore(100);
    await new ShiftedStore(inner, { start: 1000, end: 1050 }).resize(1020);
    expect(() => inner.write(15, { bytes: new Uint8Array(6), release: () => undefined })).toThrow();
  });
});
