import type { Entry } from '../cache/entry.ts';
import type { Chunk, SharedStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';

/** Bytes of what was read last that are kept for other readers. */
const recent = 16 * 1024 * 1024;

interface Slab {
  readonly range: Range;
  readonly bytes: Promise<Uint8Array>;
}

/**
 * A cache entry as the store of many readers. It is read in slabs on a grid, and what was read last is given to all who
 * come by: players of one film, or a thousand clients, read the disk once.
 */
export class EntryStore implements SharedStore {
  readonly #entry: Entry;
  readonly #size: () => number;
  readonly #slabs = new Map<number, Slab>();
  readonly #unwatch: () => void;
  #kept = 0;

  /** `size`: bytes to read at once, a power of two. */
  constructor(entry: Entry, size: () => number) {
    this.#entry = entry;
    this.#size = size;
    this.#unwatch = entry.onLost((lost) => this.#forget(lost));
  }

  get held(): RangeSet {
    return this.#entry.held;
  }

  write(offset: number, chunk: Chunk): Promise<void> | undefined {
    return this.#entry.write(offset, chunk);
  }

  read(range: Range): Promise<Uint8Array> {
    return this.#entry.read(range);
  }

  async piece(offset: number, most: number): Promise<Chunk> {
    const size = this.#size();
    const start = Math.floor(offset / size) * size;
    const end = Math.min(start + size, this.#entry.facts.length ?? Number.POSITIVE_INFINITY);
    const release = (): void => undefined;
    if (!this.held.covers({ start, end })) {
      const run = Math.min(offset + most, end, this.held.runFrom(offset));
      return { bytes: await this.#entry.read({ start: offset, end: run }), release };
    }
    const bytes = await this.#slab({ start, end });
    return { bytes: bytes.subarray(offset - start, Math.min(bytes.length, offset - start + most)), release };
  }

  keep(): void {}

  resize(length: number): Promise<void> {
    return this.#entry.resize(length);
  }

  discard(range: Range): Promise<void> {
    return this.#entry.discard(range);
  }

  flush(): Promise<void> {
    return this.#entry.flush();
  }

  /** The entry is given back by whoever opened it. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#slabs.clear();
  }

  #slab(range: Range): Promise<Uint8Array> {
    const known = this.#slabs.get(range.start);
    if (known !== undefined && known.range.end === range.end) return known.bytes;
    const slab = { range, bytes: this.#entry.read(range) };
    this.#drop(range.start);
    this.#slabs.set(range.start, slab);
    this.#kept += range.end - range.start;
    slab.bytes.catch(() => this.#slabs.get(range.start) === slab && this.#drop(range.start));
    for (const oldest of this.#slabs.keys()) {
      if (this.#kept <= recent) break;
      this.#drop(oldest);
    }
    return slab.bytes;
  }

  #drop(start: number): void {
    const slab = this.#slabs.get(start);
    if (slab === undefined) return;
    this.#slabs.delete(start);
    this.#kept -= slab.range.end - slab.range.start;
  }

  #forget(lost: Range): void {
    for (const [start, { range }] of this.#slabs) if (range.start < lost.end && range.end > lost.start) this.#drop(start);
  }
}
