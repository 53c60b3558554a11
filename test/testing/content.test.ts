import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { contentFrom, contentOf, digestOf } from '../../src/testing/content.ts';

describe('content made up from a seed', () => {
  it('is the same from whatever offset it is read', () => {
    const whole = contentOf(7, 0, 3 * 2 ** 20);
    fc.assert(
      fc.property(fc.nat(3 * 2 ** 20 - 1), fc.integer({ min: 1, max: 70_000 }), (start, size) => {
        const end = Math.min(start + size, whole.length);
        expect(Buffer.compare(contentOf(7, start, end), whole.subarray(start, end))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('has no two pages alike', () => {
    const pages = new Set<string>();
    for (let page = 0; page < 2000; page++) pages.add(Buffer.from(contentOf(1, page * 4096, page * 4096 + 64)).toString('hex'));
    expect(pages.size).toBe(2000);
  });

  it('differs beyond four gigabytes from what it is below', () => {
    const offset = 5 * 2 ** 30;
    expect(contentOf(1, offset, offset + 4096)).not.toEqual(contentOf(1, offset % 2 ** 32, (offset % 2 ** 32) + 4096));
  });

  it('differs with the seed', () => {
    expect(contentOf(1, 0, 100)).not.toEqual(contentOf(2, 0, 100));
  });

  it('agrees with the unpatched file outside its patches only', () => {
    const spec = { size: 10_000, seed: 1, patches: [{ start: 5000, end: 5001, seed: 2 }] };
    const bytes = new Uint8Array(10_000);
    contentFrom(spec).copy(bytes, 0);
    const plain = contentOf(1, 0, 10_000);
    expect(bytes.subarray(0, 5000)).toEqual(plain.subarray(0, 5000));
    expect(bytes.subarray(5001)).toEqual(plain.subarray(5001));
    expect(bytes[5000]).toBe(contentOf(2, 5000, 5001)[0]);
  });

  it('has the digest of its bytes', () => {
    const hex = createHash('md5')
      .update(contentOf(3, 10, 2_000_000))
      .digest('hex');
    expect(digestOf({ size: 2_000_000, seed: 3 }, 'md5', { start: 10, end: 2_000_000 })).toBe(hex);
  });
});
