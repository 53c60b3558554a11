import { intersect, type Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Court } from './court.ts';
import type { TransferOptions } from './demand.ts';
import type { Place, Places } from './places.ts';
import type { Sampler } from './sampler.ts';
import { type Sources, sampleSize } from './sources.ts';
import { usable } from './view.ts';

/** How long the reference may take to bring the bytes of a random place, in milliseconds. */
const unanswered = 400;

/** The places at which the sources of one volume are compared before their bytes are mixed, chosen as soon as they can be. */
export class Agenda {
  readonly #volume: number;
  readonly #sources: Sources;
  readonly #options: TransferOptions;
  readonly #court: Court;
  readonly #sampler: Sampler;
  readonly #from: Places;
  readonly #places: Place[] = [];
  /** The reference does not give the bytes of a random place now. */
  #refused = false;

  constructor(
    volume: number,
    sources: Sources,
    { options, court, sampler, places }: { options: TransferOptions; court: Court; sampler: Sampler; places: Places },
  ) {
    this.#volume = volume;
    this.#sources = sources;
    this.#options = options;
    this.#court = court;
    this.#sampler = sampler;
    this.#from = places;
  }

  get places(): readonly Place[] {
    return this.#places;
  }

  /** Whether no more places are to come. */
  get complete(): boolean {
    return this.#places.length >= this.#wanted;
  }

  /** Forgets the places: what was held there is to be dropped. */
  clear(): void {
    this.#places.length = 0;
    this.#refused = false;
  }

  /**
   * The places to compare, as far as they can be chosen yet: where the demand begins, and one at random, for which the
   * reference is asked too; only of what is held from an earlier run, where that is in question. `waited`: milliseconds
   * since the reference was chosen.
   */
  choose(waited: number): readonly Place[] {
    const places = this.#places;
    const extent = this.#extent;
    if (this.#options.unproven === true) {
      while (!this.complete) {
        const range = this.#from.held(extent, new RangeSet(places.map((place) => place.range)));
        if (range === undefined) break;
        places.push(this.#from.at(range));
      }
      return places;
    }
    const start = this.#volume === 0 ? Math.min(Math.max(extent.start, this.#court.from), extent.end) : extent.start;
    const [, second] = places;
    if (places.length === 0) {
      const range = intersect({ start, end: start + sampleSize }, extent);
      if (range !== undefined) places.push(this.#from.at(range));
    } else if (places.length === 1 && !this.complete) {
      const place = this.#from.at(this.#from.anywhere({ start: start + sampleSize, end: Math.min(extent.end, this.#court.until()) }));
      places.push(place);
      if (place.reference === undefined) void this.#askReference(place);
    } else if (second !== undefined && this.#from.lacks(second) && (this.#refused || waited > unanswered)) {
      // The reference does not answer for the place: one of what it has brought must do.
      const range = this.#from.held(extent);
      if (range !== undefined) places[1] = this.#from.at(range);
    }
    return places;
  }

  get #extent(): Range {
    return this.#sources.layout.extent(this.#volume) ?? { start: 0, end: 0 };
  }

  get #wanted(): number {
    const length = this.#sources.layout.lengthOf(this.#volume);
    return length !== undefined && length <= 2 * sampleSize ? 1 : 2;
  }

  async #askReference(place: Place): Promise<void> {
    const now = this.#sources.ports.clock.now();
    const source = this.#sources.of(this.#volume).find((one) => one.standing === 'admitted' && !one.whole && usable(one, now));
    try {
      if (source === undefined) this.#refused = true;
      else place.reference ??= (await this.#sampler.fetch(source, place.range)).bytes;
    } catch {
      this.#refused = true;
    }
    this.#court.changed();
  }
}
