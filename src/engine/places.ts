import type { Random, Store } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { sampleSize } from './sources.ts';

/** A place that is compared. `reference`: what is held there, once it is. */
export interface Place {
  readonly range: Range;
  reference: Uint8Array | undefined;
}

/** Chooses places to compare in what is wanted or held, and keeps what is held there. */
export class Places {
  readonly #store: Store;
  readonly #random: Random;
  readonly #filled: () => void;
  readonly #waiting = new Set<Place>();

  /** `filled` is called whenever the reference of a place has become known. */
  constructor(store: Store, random: Random, filled: () => void) {
    this.#store = store;
    this.#random = random;
    this.#filled = filled;
  }

  /** The place at `range`; its reference is read as soon as it is held. */
  at(range: Range): Place {
    const place: Place = { range, reference: undefined };
    this.#waiting.add(place);
    this.#read(place);
    return place;
  }

  /** Reads what is now held of the places that wait: a reader may move past them. */
  capture(): void {
    for (const place of this.#waiting) this.#read(place);
  }

  /** Whether nothing is known of what should be at `place`, nor on its way from the store. */
  lacks(place: Place): boolean {
    return place.reference === undefined && !this.#store.held.covers(place.range);
  }

  /** Bytes held within `range`. */
  heldSize(range: Range): number {
    let sum = 0;
    for (const part of this.#store.held.within(range)) sum += sizeOf(part);
    return sum;
  }

  /** A random range of a sample's size within `range`, as far as that is long enough. */
  anywhere(range: Range): Range {
    const end = range.end === Number.POSITIVE_INFINITY ? range.start + 64 * sampleSize : range.end;
    const start = range.start + Math.floor(this.#random() * Math.max(0, end - sampleSize - range.start));
    return { start, end: Math.max(start + 1, Math.min(end, start + sampleSize)) };
  }

  /** A random range of at most a sample's size among what is held of `extent`, outside `except`; undefined where there is none. */
  held(extent: Range, except: RangeSet = new RangeSet()): Range | undefined {
    const parts = [...this.#store.held.within(extent)].flatMap((range) => [...except.gaps(range)]);
    return anywhereIn(parts, sampleSize, this.#random);
  }

  #read(place: Place): void {
    if (place.reference !== undefined) this.#waiting.delete(place);
    if (!this.#waiting.has(place) || !this.#store.held.covers(place.range)) return;
    this.#waiting.delete(place);
    this.#store.read(place.range).then(
      (bytes) => {
        place.reference ??= bytes;
        this.#filled();
      },
      () => this.#waiting.add(place),
    );
  }
}

/** A random range of at most `size` bytes that lies in one of `parts`, every byte of which is as likely; undefined where there are none. */
export const anywhereIn = (parts: readonly Range[], size: number, random: Random): Range | undefined => {
  let at = Math.floor(random() * parts.reduce((sum, range) => sum + sizeOf(range), 0));
  for (const range of parts) {
    if (at >= sizeOf(range)) {
      at -= sizeOf(range);
      continue;
    }
    const start = Math.max(range.start, Math.min(range.start + at, range.end - size));
    return { start, end: Math.min(range.end, start + size) };
  }
  return undefined;
};
