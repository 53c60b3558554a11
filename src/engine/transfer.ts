/**
 * One effort to bring the bytes of a file into a store. It asks the scheduler for leases, lets a worker carry out each,
 * puts what comes where it belongs, and decides what a failure means. It ends when every wanted byte is held, or with
 * the error that says why that can't be. Control comes by calls, time by the clock that was passed in.
 */
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, Store } from '../core/ports.ts';
import { intersect, type Range, sizeOf } from '../core/range.ts';
import { type Decision, decide } from '../core/scheduler.ts';
import { bodyOf, freeFrom, isFree } from './adoption.ts';
import { blame, faultOf, isWorthwhile } from './blame.ts';
import { Budget } from './budget.ts';
import type { Demand, Progress, TransferOptions } from './demand.ts';
import { Lease } from './lease.ts';
import { Meter, type Summary } from './meter.ts';
import { type Door, Passthrough } from './passthrough.ts';
import { Samples } from './samples.ts';
import type { Source } from './source.ts';
import type { Opening, Sources } from './sources.ts';
import { usable, viewOf } from './view.ts';
import { Watch } from './watch.ts';
import { carryOut, type Ending } from './worker.ts';

/** Milliseconds between two looks at rates, stalls and connections. */
const tickInterval = 100;
/** Bytes that may be raced for however small the file. */
const smallestHedge = 256 * 1024;

export class Transfer {
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #demand: Demand;
  readonly #meter: Meter;
  readonly #samples: Samples;
  readonly #watch: Watch;
  readonly #passthrough: Passthrough;
  readonly #budget: Budget;
  readonly #leases = new Map<number, Lease>();
  readonly #endings: (() => void)[] = [];
  #settle: ((error?: HydrantError) => void) | undefined;
  #head: number;
  #hedged = 0;
  #next = 1;
  #scheduling = false;
  #roomy: (() => void)[] = [];
  readonly #door: Door = {
    wanted: () => this.#wanted(),
    limit: () => Math.min(this.#demand.range.end, this.#sources.layout.length ?? Number.POSITIVE_INFINITY),
    room: () => this.#room(),
    put: (lease, chunk, range) => this.#put(lease, chunk, range),
  };
  /** Called after bytes were put into the store. */
  onHeld: (() => void) | undefined;

  constructor(sources: Sources, store: Store, demand: Demand, options: TransferOptions = {}) {
    this.#sources = sources;
    this.#store = store;
    this.#demand = demand;
    this.#head = demand.range.start;
    const now = sources.ports.clock.now();
    this.#budget = new Budget(sources.settings, now);
    this.#meter = new Meter(sources, now);
    this.#passthrough = new Passthrough(store, sources.ports.fingerprint);
    this.#samples = new Samples(sources, store, options, {
      from: demand.range.start,
      until: () => this.#wanted().end,
      changed: () => this.#schedule(),
      failed: (error) => this.#finish(error),
      twice: (bytes) => (this.#meter.twice += bytes),
      dropped: (source) => this.#dropLeases(source),
      delivered: () => this.#demand.window !== undefined && this.#head > this.#demand.range.start,
    });
    this.#watch = new Watch(sources, this.#meter);
  }

  get progress(): Progress {
    const { range } = this.#demand;
    const end = Math.min(range.end, this.#sources.layout.length ?? Number.POSITIVE_INFINITY);
    const ahead = [...this.#store.held.within({ start: this.#head, end })].reduce((sum, part) => sum + sizeOf(part), 0);
    const before = this.#demand.window === undefined ? 0 : this.#head - range.start;
    return {
      bytes: before + ahead,
      wanted: end === Number.POSITIVE_INFINITY ? undefined : Math.max(0, end - range.start),
      connections: this.#leases.size,
      rate: this.#watch.rate,
    };
  }

  get summary(): Summary {
    return this.#meter.summary(this.#sources.ports.clock.now());
  }

  /** Brings what is missing. Resolves when all that is wanted is held and at rest; rejects with what made that impossible. */
  async run(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#sources.ports;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error === undefined ? resolve() : reject(error));
        const stop = (): void => this.#finish(new HydrantError('STOPPED'));
        signal?.addEventListener('abort', stop, { once: true });
        this.#endings.push(
          () => signal?.removeEventListener('abort', stop),
          this.#sources.watch(() => this.#schedule()),
        );
        if (signal?.aborted) return stop();
        this.#begin();
        let cancel = (): void => undefined;
        const tick = (): void => {
          cancel = clock.after(tickInterval, tick);
          this.#tick();
        };
        this.#endings.push(() => cancel());
        cancel = clock.after(tickInterval, tick);
      });
    } finally {
      this.#meter.end(clock.now());
    }
    const { length } = this.#sources.layout;
    if (length !== undefined) await this.#store.resize(length);
    await this.#store.flush();
  }

  /** Says that a reader wants nothing before `head` any more. */
  advance(head: number): void {
    this.#head = head;
    for (const go of this.#roomy.splice(0)) go();
    this.#schedule();
  }

  #begin(): void {
    const { length } = this.#sources.layout;
    if (length === undefined) {
      this.#schedule();
      return;
    }
    void Promise.resolve()
      .then(() => this.#store.resize(length))
      .then(
        () => this.#schedule(),
        (error: unknown) => this.#finish(toHydrantError(error, 'STORE_FAILED')),
      );
  }

  /** What is wanted now, clipped to the file as far as its length is known. */
  #wanted(): Range {
    const { range, window } = this.#demand;
    const end = Math.min(range.end, this.#sources.layout.length ?? Number.POSITIVE_INFINITY);
    const start = Math.min(this.#head, end);
    return { start, end: window === undefined ? end : Math.min(end, start + window) };
  }

  #complete(): boolean {
    const { range } = this.#demand;
    const end = Math.min(range.end, this.#sources.layout.length ?? Number.POSITIVE_INFINITY);
    return end !== Number.POSITIVE_INFINITY && this.#store.held.covers({ start: Math.min(this.#head, end), end });
  }

  #schedule(): void {
    if (this.#settle === undefined || this.#scheduling) return;
    this.#scheduling = true;
    try {
      if (this.#complete() && this.#samples.settled()) {
        this.#finish();
        return;
      }
      this.#samples.review();
      if (this.#settle === undefined) return;
      this.#adopt();
      const now = this.#sources.ports.clock.now();
      for (let decision = this.#decide(now); decision !== undefined; decision = this.#decide(now)) this.#grant(decision, now);
      this.#giveUp(now);
    } finally {
      this.#scheduling = false;
    }
  }

  #decide(now: number): Decision | undefined {
    const stage = {
      sources: this.#sources,
      leases: [...this.#leases.values()],
      held: this.#store.held,
      wanted: this.#wanted(),
      ordered: this.#demand.window !== undefined,
      end: this.#door.limit(),
      hedgeBudget: this.#hedgeBudget(),
    };
    const view = viewOf(stage, now);
    return view === undefined ? undefined : decide(view);
  }

  /** Bytes that may still be raced for. Of the hundredth that may come twice, samples and answers that were cut need some. */
  #hedgeBudget(): number {
    const size = sizeOf(this.#wanted());
    return Math.max(smallestHedge, size === Number.POSITIVE_INFINITY ? 0 : size / 125) - this.#hedged;
  }

  /** Turns first requests whose bodies wait into leases. */
  #adopt(): void {
    for (const source of this.#sources.all) {
      const opening = this.#sources.openingOf(source);
      const extent = this.#sources.layout.extent(source.volume);
      if (opening === undefined || extent === undefined || source.standing !== 'admitted') continue;
      this.#sources.takeOpening(source);
      const { held } = this.#store;
      const leases = [...this.#leases.values()];
      const body = bodyOf(opening, extent);
      const wanted = intersect(body, this.#wanted());
      const free = wanted !== undefined && (source.whole || (wanted.start === body.start && isFree(body.start, held, leases)));
      const taken = source.whole && leases.some((lease) => lease.source.volume === source.volume);
      if (free && !taken)
        this.#start(
          new Lease(this.#next++, source, source.whole ? body : freeFrom(wanted, held, leases), this.#at(extent), opening),
          opening,
        );
      else opening.stop();
    }
  }

  #at(extent: Range): { now: number; base: number } {
    return { now: this.#sources.ports.clock.now(), base: extent.start };
  }

  #grant(decision: Decision, now: number): void {
    const source = this.#sources.all[decision.source] as Source;
    const extent = this.#sources.layout.extent(source.volume) as Range;
    if (decision.cut !== undefined) this.#leases.get(decision.cut.lease)?.cut(decision.cut.end);
    const lease = new Lease(this.#next++, source, decision.range, { now, base: extent.start });
    const rival = decision.races === undefined ? undefined : this.#leases.get(decision.races);
    if (rival !== undefined) {
      lease.race(rival);
      this.#hedged += sizeOf(decision.range);
    }
    lease.origin.active++;
    this.#start(lease);
  }

  #start(lease: Lease, opening?: Opening): void {
    this.#leases.set(lease.id, lease);
    const { observe, clock } = this.#sources.ports;
    observe({ event: 'lease', id: lease.id, url: lease.source.url, start: lease.cursor, end: lease.end });
    void carryOut(lease, (one, chunk) => this.#take(one, chunk), clock).then(
      (ending) => this.#ended(lease, opening, ending),
      (error: unknown) => this.#ended(lease, opening, { error }),
    );
  }

  #take(lease: Lease, chunk: Chunk): Promise<void> | undefined {
    if (this.#settle === undefined || lease.cursor >= lease.end) {
      chunk.release();
      return undefined;
    }
    const range = { start: lease.cursor, end: Math.min(lease.end, lease.cursor + chunk.bytes.length) };
    if (lease.whole) return this.#passthrough.take(lease, chunk, range, this.#door);
    return this.#put(lease, chunk, range);
  }

  /** Puts what is new of `range` into the store; `chunk` begins with its first byte. */
  #put(lease: Lease, chunk: Chunk, range: Range): Promise<void> | undefined {
    const now = this.#sources.ports.clock.now();
    const { source, origin } = lease;
    const gaps = [...this.#store.held.gaps(range)];
    let fresh = 0;
    let wait: Promise<void> | undefined;
    let left = gaps.length;
    const release = (): void => {
      if (--left <= 0) chunk.release();
    };
    if (left === 0) chunk.release();
    lease.cursor = range.end;
    for (const gap of gaps) {
      const bytes = chunk.bytes.subarray(gap.start - range.start, gap.end - range.start);
      wait = this.#store.write(gap.start, { bytes, release }) ?? wait;
      source.brought.add(gap);
      fresh += bytes.length;
    }
    if (lease.bytes === 0) origin.established++;
    const size = sizeOf(range);
    lease.bytes += size;
    source.bytes += fresh;
    origin.bytes += size;
    this.#meter.bytes += fresh;
    this.#meter.twice += size - fresh;
    lease.fresh += fresh;
    if (isWorthwhile(lease) || (fresh > 0 && lease.cursor >= lease.end && !lease.short)) source.progressed();
    if (fresh > 0) this.#budget.progressed(now);
    const { rival } = lease;
    if (rival !== undefined && this.#store.held.covers({ start: rival.cursor, end: rival.end })) rival.stop();
    this.#samples.capture();
    this.onHeld?.();
    if (wait !== undefined) this.#watch.storeWaits();
    return wait;
  }

  /** Resolves when the reader has moved on. */
  #room(): Promise<void> {
    return new Promise((resolve) => this.#roomy.push(resolve));
  }

  #ended(lease: Lease, opening: Opening | undefined, ending: Ending | { readonly error: unknown }): void {
    const { clock } = this.#sources.ports;
    const { source, origin } = lease;
    this.#leases.delete(lease.id);
    if (opening !== undefined) opening.stop();
    else origin.active--;
    if (lease.bytes > 0) origin.established--;
    lease.leaveRace();
    const rate = lease.meter.rate(lease.lastByteAt);
    if (rate !== undefined && lease.bytes >= 64 * 1024) source.rate = source.rate === undefined ? rate : source.rate * 0.5 + rate * 0.5;
    if (this.#settle === undefined) return;
    if ('atEnd' in ending && this.#sources.layout.lengthOf(source.volume) === undefined) {
      const length = ending.length ?? (ending.atEnd && lease.whole ? lease.cursor - lease.base : undefined);
      if (length !== undefined) this.#sources.layout.setLength(source.volume, length);
    }
    const now = clock.now();
    const fault = faultOf(lease, ending, now);
    if (fault !== undefined) this.#failed(lease, fault, now);
    this.#schedule();
  }

  #failed(lease: Lease, error: HydrantError, now: number): void {
    if (error.side === 'local') {
      this.#finish(error);
      return;
    }
    this.#budget.failed(error);
    const { source } = lease;
    if (error.code === 'SOURCE_CHANGED' && !source.contradictory) this.#samples.validatorChanged(source, error);
    else blame(lease, error, now, this.#sources.ports);
  }

  /** Ends the transfer where nothing is left to hope for. */
  #giveUp(now: number): void {
    const working = this.#leases.size > 0;
    for (let volume = 0; volume < this.#sources.layout.count && this.#settle !== undefined; volume++) {
      const extent = this.#sources.layout.extent(volume);
      const wanted = extent === undefined ? undefined : intersect(extent, this.#wanted());
      if (wanted === undefined || this.#store.held.covers(wanted)) continue;
      const error = this.#budget.spent(now, this.#sources.of(volume), working);
      if (error !== undefined) this.#finish(error);
    }
  }

  #tick(): void {
    const now = this.#sources.ports.clock.now();
    const wanted = this.#wanted();
    const leases = [...this.#leases.values()];
    const missing = !this.#store.held.covers(wanted);
    if (!missing) this.#budget.progressed(now);
    const readerWaits =
      this.#demand.window !== undefined && sizeOf(wanted) >= this.#demand.window && this.#store.held.size * 4 >= this.#demand.window * 3;
    this.#watch.tick(now, leases, readerWaits);
    this.#schedule();
    // Where nothing is asked of sources that would answer, it is the reader who takes his time.
    const idle = (source: Source): boolean => usable(source, now) && source.origin.connections.free(now, source.origin.active) > 0;
    if (this.#leases.size === 0 && this.#sources.all.some(idle)) this.#budget.progressed(now);
  }

  #dropLeases(source: Source): void {
    for (const lease of this.#leases.values()) if (lease.source === source) lease.stop();
  }

  #finish(error?: HydrantError): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    for (const end of this.#endings.splice(0)) end();
    this.#samples.close();
    for (const lease of this.#leases.values()) lease.stop();
    for (const go of this.#roomy.splice(0)) go();
    settle(error);
  }
}
