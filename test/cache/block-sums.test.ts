import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BlockSums, partsOf } from '../../src/cache/block-sums.ts';
import { blockRange, blocksOf } from '../../src/cache/blocks.ts';
import { contentOf } from '../store/content.ts';

describe('sums of blocks', () => {
  it('are those of the bytes, in whatever parts and order these come', () => {
    const length = 2_500_000;
    const content = contentOf(0, length);
    const cut = fc.uniqueArray(fc.nat(length), { maxLength: 60 }).map((cuts) => [...new Set([0, ...cuts, length])].sort((a, b) => a - b));
    fc.assert(
      fc.property(cut, fc.infiniteStream(fc.nat()), fc.integer({ min: 5_000, max: 300_000 }), (cuts, order, size) => {
        const pieces = cuts.slice(1).map((end, index) => ({ start: cuts[index] as number, end, at: order.next().value as number }));
        const sums = new BlockSums();
        for (const { start, end } of pieces.sort((a, b) => a.at - b.at)) {
          const chunks: Uint8Array[] = [];
          for (let at = start; at < end; at += size) chunks.push(content.subarray(at, Math.min(end, at + size)));
          const parts = partsOf(start, chunks);
          expect(parts.at(0)?.start).toBe(start);
          expect(parts.at(-1)?.end).toBe(end);
          for (const part of parts) {
            expect(sizeInBlocks(part)).toBe(1);
            sums.add(part);
          }
        }
        for (const block of [0, 1, 2]) {
          const { start, end } = blockRange(block, length);
          expect(sums.of(block)).toEqual([{ start, end, sum: crc32(content.subarray(start, end)) }]);
        }
      }),
    );
  });

  it('are unknown where that of a part is', () => {
    const sums = new BlockSums();
    sums.add({ start: 0, end: 5, sum: 1 });
    expect(sums.add({ start: 5, end: 9, sum: undefined })).toEqual({ start: 0, end: 9, sum: undefined });
    sums.forget(0);
    expect(sums.of(0)).toEqual([]);
  });
});

const sizeInBlocks = (part: { start: number; end: number }) => {
  const { start, end } = blocksOf(part);
  return end - start;
};
