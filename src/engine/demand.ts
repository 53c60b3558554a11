import type { Range } from '../core/range.ts';

/** A stretch that somebody wants: from `start` on, as far as `end` now, and in the end as far as `last`. */
export interface Want extends Range {
  /** May be Infinity: to wherever the file ends. */
  readonly last: number;
  /** Read in order from `start` on, so that the next bytes matter most. */
  readonly ordered: boolean;
}

/** What is wanted of a file. It changes as readers come, move on and leave; the transfer is told by `changed`. */
export interface Demand {
  /** The most urgent first. */
  wants(): readonly Want[];
  /** Bytes that readers were given already and that can't be called back. */
  readonly delivered: number;
}

/** All of `range` at once, as a download wants it; the end may be Infinity. */
export const allOf = ({ start, end }: Range): Demand => {
  const wants = [{ start, end, last: end, ordered: false }];
  return { delivered: 0, wants: () => wants };
};

/** What one reader of `range` wants: `window` bytes from where he is. */
export class Window implements Demand {
  readonly #range: Range;
  readonly #window: number;
  #head: number;

  constructor(range: Range, window: number) {
    this.#range = range;
    this.#window = window;
    this.#head = range.start;
  }

  /** The next byte that the reader takes. */
  get head(): number {
    return this.#head;
  }

  get delivered(): number {
    return this.#head - this.#range.start;
  }

  advance(head: number): void {
    this.#head = head;
  }

  wants(): readonly Want[] {
    const { end } = this.#range;
    return [{ start: this.#head, end: Math.min(end, this.#head + this.#window), last: end, ordered: true }];
  }
}

export interface TransferOptions {
  /** What the store holds already was not proven to be of this version: it is sampled before anything is added. */
  readonly unproven?: boolean;
  /** A digest of the whole will be checked in the end. */
  readonly digestKnown?: boolean;
}

/** How a transfer stands. Rate in bytes per second; `wanted` undefined while the length is unknown. */
export interface Progress {
  readonly bytes: number;
  readonly wanted: number | undefined;
  readonly connections: number;
  readonly rate: number;
}
