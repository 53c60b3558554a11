import { HydrantError } from '../core/errors.ts';

/** Says whether the cache may hold more. */
export interface Room {
  /** Counts `size` bytes more. Undefined: go on; a promise: room is being made, wait for it. Throws DISK_FULL where there is none; nothing is counted then. */
  take(size: number): Promise<void> | undefined;
  /** Counts `size` bytes less. */
  give(size: number): void;
}

/** Room without an end. */
export const endlessRoom: Room = { take: () => undefined, give: () => {} };

/** How much may be held where. */
export interface Bounds {
  /** Bytes held at most. */
  readonly size: number;
  /** Bytes left free on the disk. */
  readonly floor: number;
  /** Bytes that can still be written to the disk now. */
  free(): Promise<number>;
}

/** Chooses what is given up for `need` bytes, and gives it back at once; the promise is for when that is gone. Undefined: there is nothing. */
export type Evict = (need: number) => Promise<void> | undefined;

/** Bytes, and milliseconds, after which the disk is looked at again. */
const lookSize = 32 * 1_048_576;
const lookTime = 1_000;

const mebibytes = (size: number): string => `${(size / 1_048_576).toFixed(1)} MiB`;

/** Room on a disk that others write to as well. */
export class DiskRoom implements Room {
  readonly #bounds: Bounds;
  readonly #evict: Evict;
  #held = 0;
  #free = Number.POSITIVE_INFINITY;
  /** How much was written since the disk was looked at, and when that was. */
  #since = 0;
  #lookedAt = 0;
  #looking: Promise<void> | undefined;
  /** Evictions that run, and that there ever were. */
  #evicting = 0;
  #evicted = 0;

  constructor(bounds: Bounds, evict: Evict) {
    this.#bounds = bounds;
    this.#evict = evict;
  }

  /** Bytes counted now. */
  get held(): number {
    return this.#held;
  }

  take(size: number): Promise<void> | undefined {
    const { size: limit, floor } = this.#bounds;
    const need = Math.max(this.#held + size - limit, floor + size - this.#free);
    const made = need > 0 ? this.#make(need) : undefined;
    this.#held += size;
    this.#free -= size;
    this.#since += size;
    if (this.#since >= lookSize || Date.now() - this.#lookedAt >= lookTime) void this.look();
    return made;
  }

  give(size: number): void {
    this.#held -= size;
    this.#free += size;
  }

  /** Counts bytes that are on the disk already. */
  count(size: number): void {
    this.#held += size;
  }

  /** Looks how much is free. Never rejects: a disk that doesn't say is taken for endless. */
  look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    this.#lookedAt = Date.now();
    this.#since = 0;
    const evicted = this.#evicted;
    const quiet = this.#evicting === 0;
    const free = await this.#bounds.free().catch(() => Number.POSITIVE_INFINITY);
    // What is being given up counts as free already, which the disk doesn't know yet.
    if (quiet && evicted === this.#evicted) this.#free = free - this.#since;
  }

  #make(need: number): Promise<void> {
    const eviction = this.#evict(need);
    if (eviction === undefined) {
      void this.look();
      const { size, floor } = this.#bounds;
      const free = `${mebibytes(this.#held)} of ${mebibytes(size)} held, ${mebibytes(this.#free)} free where ${mebibytes(floor)} are to stay`;
      throw new HydrantError('DISK_FULL', `the cache is full and all of it is in use: ${free}`);
    }
    this.#evicted++;
    this.#evicting++;
    return eviction
      .finally(() => {
        this.#evicting--;
      })
      .then(() => this.#looking)
      .then(() => (this.#evicting === 0 ? this.look() : undefined));
  }
}
