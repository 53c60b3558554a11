import { HydrantError } from '../core/errors.ts';
import type { Chunk, WindowStore } from '../core/ports.ts';
import { intersect, type Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { BufferPool } from './buffer-pool.ts';

const blockSize = 256 * 1024;

/**
 * The moving window of an ordered stream, in fixed blocks on a grid. A chunk is copied (0.1 s of CPU per GiB) and
 * released at once: kept as it came, a few small chunks would hold the large slabs that they were cut from.
 */
export class MemoryStore implements WindowStore {
  /** Bytes in memory, all of them at or after the head. */
  readonly held = new RangeSet();
  readonly #window: number;
  readonly #pool: BufferPool;
  readonly #blocks = new Map<number, Buffer>();
  #head = 0;
  #length = Number.POSITIVE_INFINITY;
  #peak = 0;
  #closed = false;

  /** Holds at most `window` bytes, those that follow the head; the head begins at 0. */
  constructor(window: number, pool?: BufferPool) {
    this.#window = window;
    // One block more than the window fills, since the head seldom lies on the grid.
    this.#pool = pool ?? new BufferPool(Math.min(blockSize, Math.max(1, window)), Math.ceil(window / blockSize) + 1);
  }

  get bytesHeld(): number {
    return this.held.size;
  }

  get peak(): number {
    return this.#peak;
  }

  /** Bytes before the head and bytes held already are dropped; throws a plain Error past the window or the length. */
  write(offset: number, chunk: Chunk): undefined {
    try {
      if (this.#closed) throw new HydrantError('STORE_FAILED', 'the store is closed');
      const range = { start: Math.max(offset, this.#head), end: offset + chunk.bytes.length };
      const limit = Math.min(this.#head + this.#window, this.#length);
      if (range.start < range.end && range.end > limit) {
        throw new Error(`bytes up to ${range.end} were written, but the window ends at ${limit}`);
      }
      for (const gap of [...this.held.gaps(range)]) {
        this.#copyIn(gap, chunk.bytes.subarray(gap.start - offset, gap.end - offset));
        this.held.add(gap);
      }
      this.#peak = Math.max(this.#peak, this.held.size);
    } finally {
      chunk.release();
    }
  }

  view(offset: number): Uint8Array | undefined {
    const size = this.#pool.size;
    const index = Math.floor(offset / size);
    const base = index * size;
    const end = Math.min(this.held.runFrom(offset), base + size);
    return end > offset ? this.#blocks.get(index)?.subarray(offset - base, end - base) : undefined;
  }

  advance(head: number): void {
    if (head <= this.#head) return;
    this.#head = head;
    this.held.remove({ start: 0, end: head });
    const first = Math.floor(head / this.#pool.size);
    for (const [index, block] of this.#blocks) {
      if (index >= first) continue;
      this.#blocks.delete(index);
      this.#pool.give(block);
    }
  }

  async read(range: Range): Promise<Uint8Array> {
    if (!this.held.covers(range)) {
      throw new HydrantError('STORE_FAILED', `bytes ${range.start} to ${range.end} are not in memory`);
    }
    const copy = new Uint8Array(range.end - range.start);
    for (let offset = range.start; offset < range.end; ) {
      const part = this.view(offset) as Uint8Array;
      const wanted = part.subarray(0, range.end - offset);
      copy.set(wanted, offset - range.start);
      offset += wanted.length;
    }
    return copy;
  }

  async resize(length: number): Promise<void> {
    this.#length = length;
    this.held.remove({ start: length, end: Number.POSITIVE_INFINITY });
  }

  async discard(range: Range): Promise<void> {
    this.held.remove(range);
  }

  async flush(): Promise<void> {}

  /** Gives every block back: views end here. */
  async close(): Promise<void> {
    this.#closed = true;
    this.held.remove({ start: 0, end: Number.POSITIVE_INFINITY });
    for (const block of this.#blocks.values()) this.#pool.give(block);
    this.#blocks.clear();
  }

  #copyIn(range: Range, bytes: Uint8Array): void {
    const size = this.#pool.size;
    for (let index = Math.floor(range.start / size); index * size < range.end; index++) {
      const base = index * size;
      const part = intersect(range, { start: base, end: base + size }) as Range;
      const block = this.#blocks.get(index) ?? this.#pool.take();
      this.#blocks.set(index, block);
      block.set(bytes.subarray(part.start - range.start, part.end - range.start), part.start - base);
    }
  }
}
