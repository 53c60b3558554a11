import type { Range } from '../core/range.ts';

/** Bytes that are on their way to the disk, where they can still be read from memory. */
export interface Piece extends Range {
  readonly bytes: Uint8Array;
}

/** The pieces of an entry that are not written yet, disjoint. */
export class Unwritten {
  /** Sorted by offset. */
  readonly #pieces: Piece[] = [];

  add(start: number, bytes: Uint8Array): void {
    this.#pieces.splice(this.#indexAt(start), 0, { start, end: start + bytes.length, bytes });
  }

  /** Forgets the pieces that lie in `range`. */
  remove(range: Range): void {
    const first = this.#indexAt(range.start);
    let last = first;
    while ((this.#pieces[last]?.end ?? Number.POSITIVE_INFINITY) <= range.end) last++;
    this.#pieces.splice(first, last - first);
  }

  /** The pieces that touch `range`, in order. */
  *within(range: Range): Generator<Piece> {
    for (let index = this.#indexAt(range.start); ; index++) {
      const piece = this.#pieces[index];
      if (piece === undefined || piece.start >= range.end) return;
      yield piece;
    }
  }

  /** Whether any piece touches `range`. */
  touches(range: Range): boolean {
    return !this.within(range).next().done;
  }

  /** Copies what is here of the bytes from `offset` on into `target`; returns the ranges of it that are not here. */
  copy(offset: number, target: Uint8Array): Range[] {
    const end = offset + target.length;
    const missing: Range[] = [];
    let at = offset;
    for (const piece of this.within({ start: offset, end })) {
      if (piece.start > at) missing.push({ start: at, end: piece.start });
      at = Math.max(at, piece.start);
      target.set(piece.bytes.subarray(at - piece.start, end - piece.start), at - offset);
      at = Math.min(end, piece.end);
    }
    if (at < end) missing.push({ start: at, end });
    return missing;
  }

  /** Index of the first piece that ends after `offset`. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#pieces[middle] as Piece).end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
