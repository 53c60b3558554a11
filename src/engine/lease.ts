import type { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import { RateMeter } from '../core/rate-meter.ts';
import type { Origin } from './origins.ts';
import type { Opened, Source } from './source.ts';

/** A lease that runs. Offsets are of the file; its end can be moved while it runs. */
export class Lease {
  readonly id: number;
  readonly source: Source;
  readonly origin: Origin;
  /** Where the source's volume begins in the file. */
  readonly base: number;
  readonly opened: Opened | undefined;
  readonly meter = new RateMeter();
  readonly startedAt: number;
  /** What its origin had sent when it began. */
  readonly originBytes: number;
  /** Runs through the whole of its volume, skipping what is held: its source serves no ranges. */
  readonly whole: boolean;
  cursor: number;
  end: number;
  bytes = 0;
  /** Those of its bytes that were not held before. */
  fresh = 0;
  /** Its source gave less than was asked for, although the file goes on. */
  short = false;
  firstByteAt: number | undefined;
  lastByteAt: number;
  /** Since when it waits for a disk, a limit or a reader, which is not slowness. */
  waitingSince: number | undefined;
  /** Woke with the machine and has brought nothing since. */
  suspect = false;
  /** Why it was stopped; undefined where it just was not needed any more. */
  fault: HydrantError | undefined;
  /** Milliseconds for which a limit has held its bytes back. */
  heldBack: () => number = () => 0;
  #heldBefore = 0;
  #rival: Lease | undefined;
  readonly #stopping = new AbortController();

  constructor(id: number, source: Source, range: Range, at: { now: number; base: number }, opened?: Opened & { origin: Origin }) {
    this.id = id;
    this.source = source;
    this.origin = opened?.origin ?? source.origin;
    this.base = at.base;
    this.opened = opened;
    this.originBytes = this.origin.bytes;
    this.startedAt = at.now;
    this.lastByteAt = at.now;
    this.whole = source.whole;
    this.cursor = range.start;
    this.end = range.end;
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Ends it now. `fault`: what its source did wrong, where it did. */
  stop(fault?: HydrantError): void {
    this.fault ??= fault;
    this.#stopping.abort();
  }

  /** Moves its end inward; it stops there, or at once where it is already past. */
  cut(end: number): void {
    this.end = Math.min(this.end, end);
    if (this.cursor >= this.end) this.stop();
  }

  /** The lease that it races or that races it. */
  get rival(): Lease | undefined {
    return this.#rival;
  }

  /** Races `other` for its last bytes, in place of one that did so and is of no use any more. */
  race(other: Lease): void {
    const former = other.#rival;
    former?.leaveRace();
    former?.stop();
    this.#rival = other;
    other.#rival = this;
  }

  leaveRace(): void {
    if (this.#rival !== undefined) this.#rival.#rival = undefined;
    this.#rival = undefined;
  }

  arrived(now: number, bytes: number): void {
    const held = this.heldBack();
    if (held > this.#heldBefore) this.meter.skip(held - this.#heldBefore);
    this.#heldBefore = held;
    this.firstByteAt ??= now;
    this.lastByteAt = now;
    this.suspect = false;
    this.meter.add(now, bytes);
  }

  /** Milliseconds without a byte that its source answers for: waiting for a limit is not among them. */
  quiet(now: number): number {
    return this.waitingSince !== undefined ? 0 : now - this.lastByteAt - (this.heldBack() - this.#heldBefore);
  }

  waits(now: number): void {
    this.waitingSince = now;
  }

  goesOn(now: number): void {
    if (this.waitingSince === undefined) return;
    this.meter.skip(now - this.waitingSince);
    this.waitingSince = undefined;
    this.lastByteAt = now;
  }
}
