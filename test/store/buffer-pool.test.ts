import { describe, expect, it } from 'vitest';

import { BufferPool } from '../../src/store/buffer-pool.ts';

describe('BufferPool', () => {
  it('gives back what it was given', () => {
    const pool = new BufferPool(16, 2);
    const buffer = pool.take();
    expect(buffer.length).toBe(16);
    pool.give(buffer);
    expect(pool.take()).toBe(buffer);
  });

  it('keeps no more than its limit', () => {
    const pool = new BufferPool(16, 2);
    for (const buffer of [pool.take(), pool.take(), pool.take()]) pool.give(buffer);
    expect(pool.idle).toBe(2);
  });

  it('refuses buffers of another size', () => {
    expect(() => new BufferPool(16, 2).give(Buffer.alloc(15))).toThrow('not from this pool');
  });
});
