/**
 * A source without ranges gives the whole of its volume, from the start, over one connection. What is held or not wanted
 * is skipped. Where it broke off and is asked again, nothing but its bytes can prove that it is the same file when it
 * sends no validator: a running hash of what went before is compared before anything is added.
 */
import { HydrantError } from '../core/errors.ts';
import type { Chunk, Fingerprint, Store } from '../core/ports.ts';
import { intersect, type Range } from '../core/range.ts';
import type { Lease } from './lease.ts';

/** What the transfer offers a passthrough. */
export interface Door {
  /** Wanted now, up to the window's end. */
  wanted(): Range;
  /** Where the demand or the file ends. */
  limit(): number;
  /** Resolves when the reader has moved on. */
  room(): Promise<void>;
  put(lease: Lease, chunk: Chunk, range: Range): Promise<void> | undefined;
}

interface Prefix {
  readonly print: Fingerprint;
  length: number;
}

export class Passthrough {
  readonly #store: Store;
  readonly #fingerprint: () => Fingerprint;
  readonly #runs = new WeakMap<Lease, Prefix>();
  /** By where the volume begins: the longest run so far. */
  readonly #known = new Map<number, { length: number; value: string }>();

  constructor(store: Store, fingerprint: () => Fingerprint) {
    this.#store = store;
    this.#fingerprint = fingerprint;
  }

  /** Takes `chunk`, which lies at `range` of the file. Rejects with SOURCE_CHANGED where it contradicts what came before. */
  take(lease: Lease, chunk: Chunk, range: Range, door: Door): Promise<void> | undefined {
    this.#prove(lease, chunk, range);
    if (range.end <= door.wanted().end && !this.#holdsSome(range)) return this.#put(lease, chunk, range, door);
    return this.#takeLater(lease, chunk, range, door);
  }

  async #takeLater(lease: Lease, chunk: Chunk, range: Range, door: Door): Promise<void> {
    let given = false;
    try {
      for (const held of this.#store.held.within(range)) {
        const before = await this.#store.read(held);
        const now = chunk.bytes.subarray(held.start - range.start, held.end - range.start);
        if (before.some((byte, index) => byte !== now[index])) throw changed(lease);
      }
      while (!lease.stopped && range.end > door.wanted().end && door.wanted().end < door.limit()) await door.room();
      if (lease.stopped) return;
      given = true;
      await this.#put(lease, chunk, range, door);
    } finally {
      if (!given) chunk.release();
    }
  }

  #put(lease: Lease, chunk: Chunk, range: Range, door: Door): Promise<void> | undefined {
    const wanted = intersect(range, { start: door.wanted().start, end: door.limit() });
    if (wanted === undefined) {
      chunk.release();
      lease.cursor = range.end;
      return undefined;
    }
    const bytes = chunk.bytes.subarray(wanted.start - range.start, wanted.end - range.start);
    const wait = door.put(lease, { bytes, release: () => chunk.release() }, wanted);
    lease.cursor = range.end;
    return wait;
  }

  #holdsSome(range: Range): boolean {
    return !this.#store.held.within(range).next().done;
  }

  #prove(lease: Lease, chunk: Chunk, range: Range): void {
    const validator = lease.source.representation?.validator;
    const strong = validator?.etag?.startsWith('"') === true || validator?.lastModified !== undefined;
    if (strong && lease.source.alone) return;
    const run = this.#runs.get(lease) ?? { print: this.#fingerprint(), length: 0 };
    this.#runs.set(lease, run);
    const known = this.#known.get(lease.base);
    const size = range.end - range.start;
    if (known !== undefined && run.length < known.length && run.length + size >= known.length) {
      const upTo = known.length - run.length;
      run.print.update(chunk.bytes.subarray(0, upTo));
      if (run.print.value() !== known.value) {
        chunk.release();
        throw changed(lease);
      }
      run.print.update(chunk.bytes.subarray(upTo, size));
    } else run.print.update(chunk.bytes.subarray(0, size));
    run.length += size;
    if (known === undefined || run.length > known.length) this.#known.set(lease.base, { length: run.length, value: run.print.value() });
  }
}

const changed = (lease: Lease): HydrantError =>
  new HydrantError('SOURCE_CHANGED', 'asked again for the same bytes, the source gave others', { url: lease.source.spec.url });
