import type { Range } from '../core/range.ts';

/** Which bytes of the file are wanted (the end may be Infinity: to wherever the file ends), and how far ahead of a reader. */
export interface Demand {
  readonly range: Range;
  readonly window?: number;
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
