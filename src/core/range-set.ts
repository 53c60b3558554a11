import type { Range } from './range.ts';

/** A set of byte offsets, kept as sorted, disjoint, never-touching half-open ranges. Search is logarithmic. */
export class RangeSet implements Iterable<Range> {
  readonly #ranges: Range[] = [];
  #size = 0;

  constructor(ranges: Iterable<Range> = []) {
    for (const range of ranges) this.add(range);
  }

  /** Bytes in the set. */
  get size(): number {
    return this.#size;
  }

  /** How many separate ranges the set consists of. */
  get count(): number {
    return this.#ranges.length;
  }

  [Symbol.iterator](): Iterator<Range> {
    return this.#ranges[Symbol.iterator]();
  }

  /** Puts `range` in; returns how many of its bytes were new. */
  add(range: Range): number {
    if (range.start >= range.end) return 0;
    const first = this.#indexAt(range.start, true);
    let start = range.start;
    let end = range.end;
    let last = first;
    let merged = 0;
    for (let next = this.#ranges[last]; next !== undefined && next.start <= end; next = this.#ranges[++last]) {
      start = Math.min(start, next.start);
      end = Math.max(end, next.end);
      merged += next.end - next.start;
    }
    this.#ranges.splice(first, last - first, { start, end });
    const added = end - start - merged;
    this.#size += added;
    return added;
  }

  /** Takes `range` out; returns how many bytes went. */
  remove(range: Range): number {
    if (range.start >= range.end) return 0;
    const first = this.#indexAt(range.start, false);
    const kept: Range[] = [];
    let last = first;
    let removed = 0;
    for (let next = this.#ranges[last]; next !== undefined && next.start < range.end; next = this.#ranges[++last]) {
      if (next.start < range.start) kept.push({ start: next.start, end: range.start });
      if (next.end > range.end) kept.push({ start: range.end, end: next.end });
      removed += Math.min(next.end, range.end) - Math.max(next.start, range.start);
    }
    this.#ranges.splice(first, last - first, ...kept);
    this.#size -= removed;
    return removed;
  }

  /** Whether every byte of `range` is in the set. */
  covers(range: Range): boolean {
    if (range.start >= range.end) return true;
    return this.runFrom(range.start) >= range.end;
  }

  /** Where the unbroken run of bytes that begins at `offset` ends; `offset` itself where that byte is missing. */
  runFrom(offset: number): number {
    const found = this.#ranges[this.#indexAt(offset, false)];
    return found !== undefined && found.start <= offset ? found.end : offset;
  }

  /** The parts of `range` that are in the set, in order. */
  *within(range: Range): Generator<Range> {
    if (range.start >= range.end) return;
    for (let index = this.#indexAt(range.start, false); ; index++) {
      const next = this.#ranges[index];
      if (next === undefined || next.start >= range.end) return;
      yield { start: Math.max(next.start, range.start), end: Math.min(next.end, range.end) };
    }
  }

  /** The parts of `range` that are missing from the set, in order. */
  *gaps(range: Range): Generator<Range> {
    let start = range.start;
    for (const part of this.within(range)) {
      if (part.start > start) yield { start, end: part.start };
      start = part.end;
    }
    if (start < range.end) yield { start, end: range.end };
  }

  /** Index of the first range that ends after `offset` (or, where `touching`, at it). */
  #indexAt(offset: number, touching: boolean): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const end = (this.#ranges[middle] as Range).end;
      if (touching ? end >= offset : end > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
