import type { Range } from './range.ts';

/** Volumes end to end: where each lies in the file, as their lengths become known. Lengths in bytes. */
export class Layout {
  readonly #lengths: (number | undefined)[];

  constructor(volumes: number) {
    this.#lengths = Array.from({ length: volumes }, () => undefined);
  }

  get count(): number {
    return this.#lengths.length;
  }

  lengthOf(volume: number): number | undefined {
    return this.#lengths[volume];
  }

  setLength(volume: number, length: number): void {
    this.#lengths[volume] = length;
  }

  /** Where `volume` lies in the file; its end is Infinity while its length is unknown; undefined while its start is. */
  extent(volume: number): Range | undefined {
    let start = 0;
    for (let index = 0; index < volume; index++) {
      const length = this.#lengths[index];
      if (length === undefined) return undefined;
      start += length;
    }
    return { start, end: start + (this.#lengths[volume] ?? Number.POSITIVE_INFINITY) };
  }

  /** Length of the whole file; undefined while a volume's is. */
  get length(): number | undefined {
    let sum = 0;
    for (const length of this.#lengths) {
      if (length === undefined) return undefined;
      sum += length;
    }
    return sum;
  }
}
