import type { Chunk, Store } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';

/** Keeps a region of a file in a store of its own, at that store's start; seen from here its bytes are where the file has them. */
export class ShiftedStore implements Store {
  readonly held = new RangeSet();
  readonly #inner: Store;
  readonly #region: Range;

  constructor(inner: Store, region: Range) {
    this.#inner = inner;
    this.#region = region;
    for (const { start, end } of inner.held) this.held.add({ start: start + region.start, end: end + region.start });
  }

  write(offset: number, chunk: Chunk): Promise<void> | undefined {
    const size = chunk.bytes.length;
    const waiting = this.#inner.write(offset - this.#region.start, chunk);
    this.held.add({ start: offset, end: offset + size });
    return waiting;
  }

  read(range: Range): Promise<Uint8Array> {
    return this.#inner.read(this.#inward(range));
  }

  /** `length` is that of the file. */
  resize(length: number): Promise<void> {
    return this.#inner.resize(sizeOf({ start: this.#region.start, end: Math.min(this.#region.end, length) }));
  }

  async discard(range: Range): Promise<void> {
    await this.#inner.discard(this.#inward(range));
    this.held.remove(range);
  }

  flush(): Promise<void> {
    return this.#inner.flush();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #inward({ start, end }: Range): Range {
    return { start: start - this.#region.start, end: end - this.#region.start };
  }
}
