import type { Range } from '../core/range.ts';
import { blockSize, blocksOf } from './blocks.ts';
import { emptySum, sumBoth, sumOn } from './crc.ts';

/** Bytes within one block and their sum; undefined where that can only be had by reading them again. */
export interface Part extends Range {
  readonly sum: number | undefined;
}

const joined = (first: Part, second: Part): Part => ({
  start: first.start,
  end: second.end,
  sum: first.sum === undefined || second.sum === undefined ? undefined : sumBoth(first.sum, second.sum, second.end - second.start),
});

/** The parts, one for each block that is touched, of `chunks` that follow each other from `start` on. */
export const partsOf = (start: number, chunks: readonly Uint8Array[]): Part[] => {
  const parts: Part[] = [];
  let part: Part = { start, end: start, sum: emptySum };
  for (const chunk of chunks) {
    for (let left = chunk; left.length > 0; ) {
      const limit = (Math.floor(part.start / blockSize) + 1) * blockSize;
      const piece = left.subarray(0, limit - part.end);
      left = left.subarray(piece.length);
      part = { start: part.start, end: part.end + piece.length, sum: sumOn(part.sum as number, piece) };
      if (part.end < limit) continue;
      parts.push(part);
      part = { start: limit, end: limit, sum: emptySum };
    }
  }
  return part.start < part.end ? [...parts, part] : parts;
};

/** Brings the sums of blocks together from those of their parts, in whatever order these are written. */
export class BlockSums {
  /** By block; sorted, disjoint, never touching. */
  readonly #parts = new Map<number, Part[]>();

  /** Puts in a part, none of which is in yet; returns what it now lies in, as far as that goes without a gap. */
  add(part: Part): Part {
    const block = blocksOf(part).start;
    const parts = this.#parts.get(block) ?? [];
    let whole = part;
    const others: Part[] = [];
    for (const other of parts) {
      if (other.end === whole.start) whole = joined(other, whole);
      else if (other.start === whole.end) whole = joined(whole, other);
      else others.push(other);
    }
    others.push(whole);
    this.#parts.set(
      block,
      others.sort((a, b) => a.start - b.start),
    );
    return whole;
  }

  /** The parts of `block` that are in. */
  of(block: number): readonly Part[] {
    return this.#parts.get(block) ?? [];
  }

  /** Forgets the parts of `block`. */
  forget(block: number): void {
    this.#parts.delete(block);
  }
}
