import type { Chunk } from '../core/ports.ts';

/** A chunk that is handed out in pieces, and released when all that were handed out are and no more will be. */
export class Slices {
  readonly #chunk: Chunk;
  #offset = 0;
  #out = 0;

  constructor(chunk: Chunk) {
    this.#chunk = chunk;
  }

  /** Bytes not handed out yet. */
  get left(): number {
    return this.#chunk.bytes.length - this.#offset;
  }

  /** The next `size` bytes, at most what is left. */
  take(size: number): Chunk {
    const start = this.#offset;
    if (start === 0 && size >= this.left) {
      this.#offset = this.#chunk.bytes.length;
      return this.#chunk;
    }
    this.#offset = Math.min(start + size, this.#chunk.bytes.length);
    this.#out++;
    return {
      bytes: this.#chunk.bytes.subarray(start, this.#offset),
      release: () => {
        if (--this.#out === 0 && this.left === 0) this.#chunk.release();
      },
    };
  }

  /** Hands out no more. */
  drop(): void {
    if (this.left === 0) return;
    this.#offset = this.#chunk.bytes.length;
    if (this.#out === 0) this.#chunk.release();
  }
}
