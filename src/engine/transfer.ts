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
import { Needs } from './needs.ts';
import type { Applicant } from './origins.ts';
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
/** Wants that are looked at for one lease: the others are less urgent, and their turn comes. */
const mostWants = 8;

export class Transfer implements Applicant {
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #demand: Demand;
  readonly #needs: Needs;
  readonly #meter: Meter;
  readonly #samples: Samples;
  readonly #watch: Watch;
  readonly #passthrough: Passthrough;
  readonly #budget: Budget;
  readonly #leases = new Map<number, Lease>();
  readonly #endings: (() => void)[] = [];
  #settle: ((error?: HydrantError) => void) | undefined;
  #hedged = 0;
  #next = 1;
  #scheduling = false;
  #roomy: (() => void)[] = [];
  readonly #door: Door = {
    wanted: () => this.#needs.hull,
    limit: () => this.#needs.limit,
    room: () => this.#room(),
    put: (lease, chunk, range) => this.#put(lease, chunk, range),
  };
  /** Called after bytes were put into the store. */
  onHeld: (() => void) | undefined;

  constructor(sources: Sources, store: Store, demand: Demand, options: TransferOptions = {}) {
    this.#sources = sources;
    this.#store = store;
    this.#demand = demand;
    this.#needs = new Needs(demand, sources.layout, store.held);
    const now = sources.ports.clock.now();
    this.#budget = new Budget(sources.settings, now);
    this.#meter = new Meter(sources, now);
    this.#passthrough = new Passthrough(store, sources.ports.fingerprint);
    this.#samples = new Samples(sources, store, options, {
      from: demand.wants()[0]?.start ?? 0,
      until: () => this.#needs.hull.end,
      changed: () => this.#schedule(),
      failed: (error) => this.#finish(error),
      twice: (bytes) => (this.#meter.twice += bytes),
      dropped: (source) => this.#dropLeases(source),
      delivered: () => this.#demand.delivered > 0,
    });
    this.#watch = new Watch(sources, this.#meter);
  }

  get progress(): Progress {
    return { ...this.#needs.progress, connections: this.#leases.size, rate: this.#watch.rate };
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

  /** Says that the demand is another now: a reader came, moved on or left. */
  changed(): void {
    for (const go of this.#roomy.splice(0)) go();
    this.#recall();
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

  /** Ends the leases that bring what nobody wants any more. */
  #recall(): void {
    for (const lease of this.#leases.values()) if (!this.#needs.includes(lease)) lease.stop();
  }

  #schedule(): void {
    if (this.#settle === undefined || this.#scheduling) return;
    this.#scheduling = true;
    try {
      if (this.#needs.complete && this.#samples.settled()) {
        this.#finish();
        return;
      }
      this.#samples.review();
      if (this.#settle === undefined) return;
      this.#adopt();
      const now = this.#sources.ports.clock.now();
      for (let decision = this.#decide(now); decision !== undefined; decision = this.#decide(now)) this.#grant(decision, now);
      this.#needs.victim([...this.#leases.values()])?.stop();
      this.#apply();
      this.#giveUp(now);
    } finally {
      this.#scheduling = false;
    }
  }

  /** The next lease to give: for the most urgent want that a free connection is of use to. */
  #decide(now: number): Decision | undefined {
    const hedgeBudget = this.#hedgeBudget();
    const leases = [...this.#leases.values()];
    for (const { start, end, last, ordered } of this.#needs.inTurn(leases).slice(0, mostWants)) {
      const stage = {
        sources: this.#sources,
        leases,
        held: this.#store.held,
        wanted: { start, end },
        ordered,
        end: last,
        hedgeBudget,
        applicant: this,
      };
      const view = viewOf(stage, now);
      const decision = view === undefined ? undefined : decide(view);
      if (decision !== undefined) return decision;
    }
    return undefined;
  }

  /** Says at each origin whether a connection to it would be of use, so that other transfers leave some. */
  #apply(): void {
    const leases = [...this.#leases.values()];
    const lacks = this.#settle !== undefined && this.#needs.unleased(leases) > 0;
    for (const origin of new Set(this.#sources.all.map((source) => source.origin))) {
      if (lacks) origin.applicants.set(this, leases.filter((lease) => lease.origin === origin).length);
      else origin.applicants.delete(this);
    }
  }

  offered(): void {
    this.#schedule();
  }

  /** Bytes that may still be raced for. Of the hundredth that may come twice, samples and answers that were cut need some. */
  #hedgeBudget(): number {
    const size = sizeOf(this.#needs.hull);
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
      const wanted = intersect(body, this.#needs.hull);
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
    lease.source.active++;
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
    source.active--;
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
    origin.offer(this);
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
    const { wants } = this.#needs;
    for (let volume = 0; volume < this.#sources.layout.count && this.#settle !== undefined; volume++) {
      const extent = this.#sources.layout.extent(volume);
      if (extent === undefined || wants.every((want) => this.#store.held.covers(intersect(extent, want) ?? nothing))) continue;
      const error = this.#budget.spent(now, this.#sources.of(volume), working);
      if (error !== undefined) this.#finish(error);
    }
  }

  #tick(): void {
    const now = this.#sources.ports.clock.now();
    const leases = [...this.#leases.values()];
    if (this.#needs.covered) this.#budget.progressed(now);
    this.#watch.tick(now, leases, this.#needs.readersWait);
    this.#schedule();
    // Where nothing is asked of sources that would answer, it is the reader who takes his time, or others have the connections.
    const idle = (source: Source): boolean =>
      usable(source, now) && (source.origin.active > 0 || source.origin.connections.free(now, 0) > 0);
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
    for (const source of this.#sources.all) source.origin.applicants.delete(this);
    for (const go of this.#roomy.splice(0)) go();
    settle(error);
  }
}

const nothing: Range = { start: 0, end: 0 };
