import type { Chunk } from '../core/ports.ts';

/** Seconds that are remembered. */
const seconds = 60;

/** Bytes per second over the last minute, a sample a second. */
export class RateRing {
  readonly #samples: number[] = [];
  #bytes = 0;
  #total = 0;

  /** Bytes in all. */
  get total(): number {
    return this.#total;
  }

  /** Bytes in the last whole second. */
  get rate(): number {
    return this.#samples.at(-1) ?? 0;
  }

  /** The oldest first. */
  get samples(): readonly number[] {
    return this.#samples;
  }

  /** Whether nothing has passed for as long as is remembered. */
  get silent(): boolean {
    return this.#bytes === 0 && this.#samples.every((sample) => sample === 0);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#total += bytes;
  }

  /** Ends a second. */
  tick(): void {
    if (this.#samples.length >= seconds) this.#samples.shift();
    this.#samples.push(this.#bytes);
    this.#bytes = 0;
  }
}

/** `chunk`, counted in `rings` when it is released. */
export const counted = (chunk: Chunk, rings: readonly RateRing[]): Chunk => {
  const release = (): void => {
    chunk.release();
    for (const ring of rings) ring.add(chunk.bytes.length);
  };
  return { bytes: chunk.bytes, release };
};
