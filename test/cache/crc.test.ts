import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { emptySum, sumBoth, sumOn } from '../../src/cache/crc.ts';

describe('a sum', () => {
  it('is the one that everybody knows as CRC-32', () => {
    expect(sumOn(emptySum, Buffer.from('123456789'))).toBe(0xcbf43926);
  });

  it('of two parts comes from theirs, whatever lengths they have', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 3000, size: 'max' }), (first, second) => {
        const whole = crc32(Buffer.concat([first, second]));
        expect(sumBoth(crc32(first), crc32(second), second.length)).toBe(whole);
        expect(sumOn(sumOn(emptySum, first), second)).toBe(whole);
      }),
    );
    const long = Buffer.alloc(1_048_576, 7);
    expect(sumBoth(crc32('x'), crc32(long), long.length)).toBe(crc32(Buffer.concat([Buffer.from('x'), long])));
  });
});
