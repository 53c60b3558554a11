import { HydrantError } from '../core/errors.ts';
import type { Lease } from './lease.ts';
import type { Meter } from './meter.ts';
import type { Source } from './source.ts';
import type { Sources } from './sources.ts';
import { lastEnd, usable } from './view.ts';

/** Silence after which a connection is given up while others work, in milliseconds. */
const stalled = 5_000;
/** A gap between two ticks that means that the machine or the program slept, and the grace after it. */
const slept = 2_000;
const grace = 2_000;
/** Work that lasts less than this is not worth more connections, in milliseconds. */
const worthGrowing = 1_000;

/** Looks at the leases some times a second: rates, stalls, sleep, and whether more connections would pay. */
export class Watch {
  readonly #sources: Sources;
  readonly #meter: Meter;
  readonly #seen = new Map<Source, number>();
  #last: number | undefined;
  #bytes = 0;
  #marks: { at: number; bytes: number }[] = [];
  #storeWaited = false;

  constructor(sources: Sources, meter: Meter) {
    this.#sources = sources;
    this.#meter = meter;
  }

  /** Bytes per second over about the last two seconds. */
  get rate(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  storeWaits(): void {
    this.#storeWaited = true;
  }

  /** `readerWaits`: the window is nearly full, so that slowness is the reader's. */
  tick(now: number, leases: readonly Lease[], readerWaits: boolean): void {
    const elapsed = now - (this.#last ?? now);
    this.#last = now;
    if (elapsed > slept) this.#wake(now, leases, elapsed);
    this.#account(now, leases, elapsed, readerWaits);
    for (const lease of leases) this.#checkStall(now, lease, leases);
    this.#growth(now, leases, readerWaits);
  }

  /** After a sleep every connection is suspect, and none is to blame for the silence. */
  #wake(now: number, leases: readonly Lease[], elapsed: number): void {
    for (const lease of leases) {
      lease.lastByteAt = now;
      lease.suspect = true;
      lease.meter.skip(elapsed);
    }
  }

  #account(now: number, leases: readonly Lease[], elapsed: number, readerWaits: boolean): void {
    const working = new Map<Source, Lease[]>();
    for (const lease of leases) working.set(lease.source, [...(working.get(lease.source) ?? []), lease]);
    for (const [source, own] of working) {
      const rates = own.flatMap((lease) => (lease.whole ? [] : (lease.meter.rate(now) ?? [])));
      if (rates.length > 0) source.rate = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const before = this.#seen.get(source) ?? 0;
      this.#seen.set(source, source.bytes);
      this.#meter.worked(source.url, own.some((lease) => lease.bytes > 0) ? elapsed : 0, source.bytes - before);
    }
    if (readerWaits) this.#meter.waited('reader', elapsed);
    else if (this.#storeWaited) this.#meter.waited('store', elapsed);
    else if (leases.some((lease) => lease.waitingSince !== undefined)) this.#meter.waited('limit', elapsed);
    this.#storeWaited = false;
    this.#bytes = this.#meter.bytes;
    this.#marks.push({ at: now, bytes: this.#bytes });
    while (this.#marks.length > 2 && now - (this.#marks[0]?.at ?? now) > 2_000) this.#marks.shift();
  }

  #checkStall(now: number, lease: Lease, leases: readonly Lease[]): void {
    const { stallTimeout } = this.#sources.settings;
    const others =
      this.#sources.of(lease.source.volume).some((source) => source !== lease.source && usable(source, now) && !source.whole) ||
      leases.some((other) => other !== lease && other.origin === lease.origin && other.bytes > 0 && other.quiet(now) < 1_000);
    const patience = lease.suspect ? Math.min(grace, stallTimeout) : others ? Math.min(stalled, stallTimeout) : stallTimeout;
    const quiet = lease.quiet(now);
    if (quiet <= patience) return;
    const seconds = (quiet / 1000).toFixed(quiet < 10_000 ? 1 : 0);
    lease.stop(new HydrantError('SOURCE_STALLED', `the source sent nothing for ${seconds} s`, { url: lease.source.spec.url }));
  }

  #growth(now: number, leases: readonly Lease[], readerWaits: boolean): void {
    const origins = new Set(leases.map((lease) => lease.origin));
    const limited = readerWaits || leases.some((lease) => lease.waitingSince !== undefined);
    const full = this.#sources.origins.active >= (this.#sources.settings.connections ?? Number.POSITIVE_INFINITY);
    const worth = !limited && !full && lastEnd(leases, now) > worthGrowing;
    for (const origin of origins) {
      if (worth) origin.connections.observe(now, origin);
      else origin.connections.pause();
    }
  }
}
