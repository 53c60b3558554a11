import { HydrantError } from '../core/errors.ts';
import type { Chunk, SharedStore } from '../core/ports.ts';
import { intersect, type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { BufferPool } from './buffer-pool.ts';

const cellSize = 64 * 1024;

interface Cell {
  readonly bytes: Buffer;
  /** Pieces that look into it now. */
  views: number;
  dropped: boolean;
}

/**
 * What several readers of one file are about to read, in memory, in cells on a grid. A piece is a look into a cell, which
 * is used again only when the last piece was released.
 */
export class CellStore implements SharedStore {
  readonly held = new RangeSet();
  readonly #pool: BufferPool;
  readonly #cells = new Map<number, Cell>();
  #kept = new RangeSet();
  readonly #budget: () => number;
  #length = Number.POSITIVE_INFINITY;
  #closed = false;

  /** Takes its cells from `pool`. What needn't be kept is forgotten, the oldest first, where more than `budget` bytes are held. */
  constructor(pool: BufferPool = new BufferPool(cellSize, 64), budget: () => number = () => 0) {
    this.#pool = pool;
    this.#budget = budget;
  }

  /** Bytes of memory in use. */
  get memory(): number {
    return this.#cells.size * this.#pool.size;
  }

  write(offset: number, chunk: Chunk): undefined {
    try {
      if (this.#closed) throw new HydrantError('STORE_FAILED', 'the store is closed');
      const range = { start: offset, end: Math.min(this.#length, offset + chunk.bytes.length) };
      for (const part of this.#kept.within(range)) {
        for (const gap of [...this.held.gaps(part)]) {
          this.#copyIn(gap, chunk.bytes.subarray(gap.start - offset, gap.end - offset));
          this.held.add(gap);
        }
      }
      this.#shed();
    } finally {
      chunk.release();
    }
  }

  piece(offset: number, most: number): Chunk {
    const index = Math.floor(offset / this.#pool.size);
    const base = index * this.#pool.size;
    const end = Math.min(this.held.runFrom(offset), base + this.#pool.size, offset + most);
    const cell = this.#cells.get(index);
    if (cell === undefined || end <= offset) throw lost({ start: offset, end: offset + most });
    cell.views++;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      if (--cell.views === 0 && cell.dropped) this.#pool.give(cell.bytes);
    };
    return { bytes: cell.bytes.subarray(offset - base, end - base), release };
  }

  keep(ranges: readonly Range[]): void {
    this.#kept = new RangeSet(ranges);
    this.#shed();
  }

  async read(range: Range): Promise<Uint8Array> {
    if (!this.held.covers(range)) throw lost(range);
    const copy = new Uint8Array(sizeOf(range));
    for (let offset = range.start; offset < range.end; ) {
      const { bytes, release } = this.piece(offset, range.end - offset);
      copy.set(bytes, offset - range.start);
      offset += bytes.length;
      release();
    }
    return copy;
  }

  async resize(length: number): Promise<void> {
    this.#length = length;
    await this.discard({ start: length, end: Number.POSITIVE_INFINITY });
  }

  async discard(range: Range): Promise<void> {
    this.held.remove(range);
    this.#tidy();
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    this.held.remove({ start: 0, end: Number.POSITIVE_INFINITY });
    this.#tidy();
  }

  /** Forgets what needn't be kept, until it fits. */
  #shed(): void {
    const budget = this.#budget();
    for (const index of this.#cells.keys()) {
      if (this.memory <= budget) return;
      const range = this.#rangeOf(index);
      if (!this.#kept.within(range).next().done) continue;
      this.held.remove(range);
      this.#drop(index);
    }
  }

  /** Lets go of the cells that hold nothing. */
  #tidy(): void {
    for (const index of this.#cells.keys()) if (this.held.within(this.#rangeOf(index)).next().done) this.#drop(index);
  }

  #drop(index: number): void {
    const cell = this.#cells.get(index);
    this.#cells.delete(index);
    if (cell === undefined) return;
    cell.dropped = true;
    if (cell.views === 0) this.#pool.give(cell.bytes);
  }

  #rangeOf(index: number): Range {
    return { start: index * this.#pool.size, end: (index + 1) * this.#pool.size };
  }

  #copyIn(range: Range, bytes: Uint8Array): void {
    const { size } = this.#pool;
    for (let index = Math.floor(range.start / size); index * size < range.end; index++) {
      const base = index * size;
      const part = intersect(range, { start: base, end: base + size }) as Range;
      const cell = this.#cells.get(index) ?? { bytes: this.#pool.take(), views: 0, dropped: false };
      this.#cells.set(index, cell);
      cell.bytes.set(bytes.subarray(part.start - range.start, part.end - range.start), part.start - base);
    }
  }
}

const lost = ({ start, end }: Range): HydrantError => new HydrantError('STORE_FAILED', `bytes ${start} to ${end} are not in memory`);
