import { type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { BlockSums, type Part } from './block-sums.ts';
import { blockRange, blocksOf } from './blocks.ts';

/** Where the ledger notes which blocks count for good. */
export interface Notes {
  set(block: number, sum: number | undefined): void;
}

/** What an entry holds: which bytes, which whole blocks, and which of these were not read in this process. */
export class Ledger {
  readonly held = new RangeSet();
  /** Numbers of the blocks that count for good. The ledger's own: never change it. */
  readonly whole = new RangeSet();
  readonly #notes: Notes;
  readonly #unchecked: Map<number, number>;
  readonly #sums = new BlockSums();
  #length: number;
  #losses = 0;

  /** `unchecked` are the sums of the blocks that are there already, by number. */
  constructor(length: number, unchecked: Map<number, number>, notes: Notes) {
    this.#length = length;
    this.#unchecked = unchecked;
    this.#notes = notes;
    for (const block of unchecked.keys()) {
      this.held.add(blockRange(block, length));
      this.whole.add({ start: block, end: block + 1 });
    }
  }

  /** Bytes in the file; Infinity while that isn't known. */
  get length(): number {
    return this.#length;
  }

  /** How often bytes went: a read during which this changes may have seen others. */
  get losses(): number {
    return this.#losses;
  }

  /** The sum of `block`, where it must still be checked. */
  unchecked(block: number): number | undefined {
    return this.#unchecked.get(block);
  }

  /** Says that the sum of `block` was found right. */
  checked(block: number): void {
    this.#unchecked.delete(block);
  }

  /** Says that `part` was written. True where its block is now all there without a sum: it must be read for that, see `settle`. */
  written(part: Part): boolean {
    return this.#judge(this.#sums.add(part));
  }

  /** Says what the sum of `block` is, all of which was written. */
  settle(block: number, sum: number): void {
    this.#sums.forget(block);
    this.whole.add({ start: block, end: block + 1 });
    this.#notes.set(block, sum);
  }

  /** Takes `range` out; `unwritten` are bytes that will come to `written` yet. Returns what went. */
  drop(range: Range, unwritten: Iterable<Range> = []): Range[] {
    const lost = [...this.held.within(range)];
    this.#losses++;
    this.held.remove(range);
    const blocks = new Set(
      lost.flatMap((part) => Array.from({ length: sizeOf(blocksOf(part)) }, (_, index) => blocksOf(part).start + index)),
    );
    for (const block of blocks) this.#open(block, unwritten);
    return lost;
  }

  /**
   * Sets the length, past which nothing may be held. The number of the last block where that is now as when `written` is
   * true. A block that ends elsewhere now must be checked before.
   */
  resize(length: number, unwritten: Iterable<Range>): number | undefined {
    const shorter = Math.min(length, this.#length);
    const last = blocksOf({ start: shorter - 1, end: shorter }).start;
    const moved = blockRange(last, length).end !== blockRange(last, this.#length).end;
    if (moved && this.whole.covers({ start: last, end: last + 1 })) this.#open(last, unwritten);
    this.#length = length;
    const part = this.#sums.of(last)[0];
    return part !== undefined && this.#judge(part) ? last : undefined;
  }

  /** Makes `block` one that isn't whole, whatever it was, and of which some is held. */
  #open(block: number, unwritten: Iterable<Range>): void {
    const range = blockRange(block, this.#length);
    const parts = new RangeSet(this.held.within(range));
    for (const piece of unwritten) parts.remove(piece);
    this.#unchecked.delete(block);
    this.#sums.forget(block);
    for (const { start, end } of parts) this.#sums.add({ start, end, sum: undefined });
    if (this.whole.remove({ start: block, end: block + 1 }) > 0) this.#notes.set(block, undefined);
  }

  #judge(part: Part): boolean {
    const block = blocksOf(part).start;
    if (sizeOf(part) < sizeOf(blockRange(block, this.#length))) return false;
    if (part.sum === undefined) return true;
    this.settle(block, part.sum);
    return false;
  }
}
