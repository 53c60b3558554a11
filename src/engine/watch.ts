import { HydrantError } from '../core/errors.ts';
import type { Lease } from './lease.ts';
import type { Meter } from './meter.ts';
import { autoConnections } from './ports.ts';
import type { Source } from './source.ts';
import type { Sources } from './sources.ts';
import { lastEnd, silent, usable } from './view.ts';

/** Silence after which a connection is given up while others work, in milliseconds. */
const stalled = 5_000;
/** A gap between two ticks that means that the machine or the program slept, and the grace after it. */
const slept = 2_000;
const grace = 2_000;
/** How long a connection must have been four times slower than its siblings to be replaced, and how often that may be. */
const slowFor = 700;
const replaceInterval = 500;
/** Work that lasts less than this is not worth more connections, in milliseconds. */
const worthGrowing = 1_000;

/** Looks at the leases some times a second: rates, stalls, sleep, and whether more connections would pay. */
export class Watch {
  readonly #sources: Sources;
  readonly #meter: Meter;
  readonly #seen = new Map<Source, number>();
  readonly #held = new WeakMap<Lease, number>();
  #last: number | undefined;
  #marks: { at: number; bytes: number }[] = [];
  #storeWaited = false;
  #replacedAt = 0;

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
    this.#replaceSlowest(now, leases);
    this.#reclaim(now, leases);
    this.#growth(now, leases, readerWaits);
    for (const lease of leases) this.#held.set(lease, lease.heldBack());
  }

  /** Whether a limit has held bytes of `lease` back since the last look. */
  #limited(lease: Lease): boolean {
    const held = lease.heldBack();
    return held > (this.#held.get(lease) ?? 0);
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
    else if (leases.some((lease) => this.#limited(lease))) this.#meter.waited('limit', elapsed);
    this.#storeWaited = false;
    this.#marks.push({ at: now, bytes: this.#meter.bytes });
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

  /** One request may be slow where its siblings are not (a bad path, a busy disk): its rest is asked for anew. */
  #replaceSlowest(now: number, leases: readonly Lease[]): void {
    if (now - this.#replacedAt < replaceInterval) return;
    for (const lease of leases) {
      const rate = lease.meter.rate(now);
      const siblings = leases.filter((other) => other !== lease && other.source === lease.source && other.bytes > 0);
      if (
        lease.whole ||
        rate === undefined ||
        siblings.length < 2 ||
        lease.origin.connections.free(now, lease.origin.active - 1) === 0 ||
        now - (lease.firstByteAt ?? now) < slowFor
      )
        continue;
      const mean = siblings.reduce((sum, other) => sum + (other.meter.rate(now) ?? 0), 0) / siblings.length;
      if (rate * 4 > mean || ((lease.end - lease.cursor) * 1000) / Math.max(1, rate) < 4 * slowFor) continue;
      this.#replacedAt = now;
      lease.stop();
      return;
    }
  }

  /**
   * Where all connections that are allowed over all are in use, one that brings little is given up for a source that
   * would bring more: one that was tried and did not pay, else one half as fast, never an origin's last.
   */
  #reclaim(now: number, leases: readonly Lease[]): void {
    const { origins, all, settings } = this.#sources;
    if (leases.length < (settings.connections ?? autoConnections) && origins.active < origins.most) return;
    const asks = (source: Source): boolean =>
      usable(source, now) &&
      !source.whole &&
      source.failures === 0 &&
      !silent(source, leases, now) &&
      source.origin.connections.free(now, source.origin.active) > 0;
    const asker = all
      .filter(asks)
      .reduce<Source | undefined>((best, one) => ((one.rate ?? 0) > (best?.rate ?? -1) ? one : best), undefined);
    if (asker === undefined) return;
    const others = leases.filter((lease) => lease.origin !== asker.origin && lease.origin.active > 1 && !lease.stopped && !lease.whole);
    const spare = others.filter((lease) => lease.origin.active > lease.origin.connections.allowed(now)).at(-1);
    const rateOf = (lease: Lease): number => lease.meter.rate(now) ?? Number.POSITIVE_INFINITY;
    const slowest = others.reduce<Lease | undefined>(
      (least, lease) => (least === undefined || rateOf(lease) < rateOf(least) ? lease : least),
      undefined,
    );
    if (spare !== undefined) spare.stop();
    else if (slowest !== undefined && rateOf(slowest) * 2 < (asker.rate ?? 0)) slowest.stop();
  }

  #growth(now: number, leases: readonly Lease[], readerWaits: boolean): void {
    const origins = new Set(leases.map((lease) => lease.origin));
    const limited = readerWaits || leases.some((lease) => lease.waitingSince !== undefined || this.#limited(lease));
    const worth = !limited && lastEnd(leases, now) > worthGrowing;
    for (const origin of origins) {
      if (worth) origin.connections.observe(now, origin);
      else origin.connections.pause();
    }
  }
}
