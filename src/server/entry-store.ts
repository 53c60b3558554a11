import type { Entry } from '../cache/entry.ts';
import type { Chunk, SharedStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';

/** A cache entry as the store of a feed: what is read from it is copied, and nothing of it is forgotten. */
export class EntryStore implements SharedStore {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this.#entry = entry;
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
    const end = Math.min(offset + most, this.held.runFrom(offset));
    return { bytes: await this.#entry.read({ start: offset, end }), release: () => undefined };
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
  async close(): Promise<void> {}
}
