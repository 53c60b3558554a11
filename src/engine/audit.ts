/**
 * What is asked of the sources of one volume after they were admitted, so that a lie anywhere is likely to come out: the
 * last bytes of each, as soon as there are two; a random place of what each has brought, of another source, when half is
 * there and once more shortly before the end, so that no end is waited for. Where two differ the others are heard. Who is
 * outvoted is left out, and what it brought is fetched anew; where nobody can tell, the transfer fails.
 */
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { intersect, type Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Court } from './court.ts';
import type { TransferOptions } from './demand.ts';
import { disagreement, groupsOf } from './dissent.ts';
import { anywhereIn } from './places.ts';
import type { Sampler } from './sampler.ts';
import type { Source } from './source.ts';
import { type Sources, sampleSize } from './sources.ts';
import { usable } from './view.ts';

/** A volume smaller than this is what its first samples say it is: one request brings it. */
const worthAuditing = 256 * 1024;
/** All that is asked for here, over all sources, is this share of the volume, but no less than this of one source at a time. */
const share = 1 / 2000;
const smallest = 4 * 1024;
/** How much is there when what was brought is looked at, and how much that nobody looked at may be in the whole. */
const rounds = [1 / 2, 19 / 20];
const unseen = 1 / 10;
/** How many places of each source are asked about. */
const places = 3;
/** How long a witness may take, in milliseconds. */
const patience = 3_000;

/** What sources say of one range: their bytes. */
type Testimony = Map<Source, Uint8Array>;

/** A range on which two differ, while others may still be heard. */
interface Doubt {
  readonly range: Range;
  readonly said: Testimony;
}

export class Audit {
  readonly #volume: number;
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #options: TransferOptions;
  readonly #court: Court;
  readonly #sampler: Sampler;
  /** What each source had brought when that was looked at. */
  readonly #seen = new Map<Source, RangeSet>();
  /** What sources say of the last bytes of the volume. */
  readonly #ends: Testimony = new Map();
  readonly #askedForEnd = new Set<Source>();
  readonly #doubts: Doubt[] = [];
  #round = 0;
  #pending = 0;

  constructor(
    volume: number,
    sources: Sources,
    store: Store,
    { options, court, sampler }: { options: TransferOptions; court: Court; sampler: Sampler },
  ) {
    this.#volume = volume;
    this.#sources = sources;
    this.#store = store;
    this.#options = options;
    this.#court = court;
    this.#sampler = sampler;
  }

  /** Asks what can be asked now. */
  review(): void {
    const witnesses = this.#witnesses();
    const { length, extent } = this.#size;
    if (!this.#awaited) for (const { range, said } of this.#doubts.splice(0)) void this.#atWork(() => this.#weigh(range, said));
    if (witnesses.length < 2 || length < worthAuditing) return;
    for (const source of witnesses) if (!this.#askedForEnd.has(source)) void this.#atWork(() => this.#hearEnd(source, extent));
    const round = rounds[this.#round];
    if (round === undefined || this.#here < length * round) return;
    this.#round++;
    const last = this.#round === rounds.length;
    for (const source of last ? this.#lesser() : this.#bringers()) this.#look(source);
  }

  /** Whether all that was brought by more than one source has been looked at; where it has not, that is begun. */
  settled(): boolean {
    const bringers = this.#bringers();
    if (this.#options.digestKnown === true || bringers.length < 2 || this.#size.length < worthAuditing) return true;
    for (const source of this.#lesser()) if (this.#unseen(source).size > source.brought.size * unseen) this.#look(source);
    return this.#pending === 0 && this.#doubts.length === 0;
  }

  get #size(): { readonly length: number; readonly extent: Range } {
    const extent = this.#sources.layout.extent(this.#volume) ?? { start: 0, end: 0 };
    return { length: this.#sources.layout.lengthOf(this.#volume) ?? 0, extent };
  }

  /** Bytes of the volume that are here, or were before a reader took them. */
  get #here(): number {
    const held = new RangeSet(this.#store.held.within(this.#size.extent)).size;
    return Math.max(
      held,
      this.#bringers().reduce((sum, source) => sum + source.brought.size, 0),
    );
  }

  #unseen(source: Source): RangeSet {
    const seen = this.#seen.get(source) ?? new RangeSet();
    return new RangeSet([...source.brought].flatMap((range) => [...seen.gaps(range)]));
  }

  /** Those who can be asked now, the quickest first. */
  #witnesses(): readonly Source[] {
    const now = this.#sources.ports.clock.now();
    return this.#sources
      .of(this.#volume)
      .filter((source) => usable(source, now) && !source.whole && source.failures === 0)
      .sort((a, b) => this.#timeOf(a) - this.#timeOf(b));
  }

  #bringers(): readonly Source[] {
    return this.#sources.of(this.#volume).filter((source) => source.brought.size > 0);
  }

  /** All but the one that brought most: the others are held against it, and near the end nobody waits for what a slow one says of it. */
  #lesser(): readonly Source[] {
    return [...this.#bringers()].sort((a, b) => b.brought.size - a.brought.size).slice(1);
  }

  /** Whether some source may still come to be a witness. */
  get #awaited(): boolean {
    const open = ({ status, standing, failures, whole }: Source): boolean =>
      status !== 'out' && standing === 'unknown' && failures === 0 && !whole;
    return this.#sources.of(this.#volume).some(open);
  }

  /** Milliseconds that `source` needs for a sample, as far as it has shown. */
  #timeOf({ latency = 1_000, rate = 16 * 1024 }: Source): number {
    return latency + (this.#sampleSize * 1_000) / Math.max(1, rate);
  }

  get #sampleSize(): number {
    const fair = Math.floor((this.#size.length * share) / (places * this.#sources.of(this.#volume).length));
    return Math.min(sampleSize, Math.max(smallest, fair));
  }

  /** Has a random place of what `source` brought since it was last looked at compared by another. */
  #look(source: Source): void {
    const there = [...this.#unseen(source)].flatMap((range) => [...this.#store.held.within(range)]);
    const range = anywhereIn(there, this.#sampleSize, this.#sources.ports.random);
    if (range === undefined) return;
    this.#seen.set(source, new RangeSet(source.brought));
    void this.#atWork(async () => {
      const said: Testimony = new Map([[source, await this.#store.read(range)]]);
      for (const witness of this.#witnesses()) {
        if (said.has(witness)) continue;
        await this.#hear(witness, range, said);
        if (said.size > 1) break;
      }
      await this.#weigh(range, said);
    });
  }

  async #hearEnd(source: Source, extent: Range): Promise<void> {
    this.#askedForEnd.add(source);
    const range = intersect({ start: extent.end - this.#sampleSize, end: extent.end }, extent);
    if (range === undefined) return;
    await this.#hear(source, range, this.#ends);
    if (this.#ends.size > 1 && this.#ends.has(source)) await this.#weigh(range, new Map(this.#ends));
  }

  async #hear(source: Source, range: Range, said: Testimony): Promise<void> {
    try {
      said.set(source, (await this.#sampler.fetch(source, range, { patience })).bytes);
    } catch {
      // A source that fails here is found out by its leases.
    }
  }

  async #atWork(work: () => Promise<void>): Promise<void> {
    this.#pending++;
    try {
      await work();
    } catch {
      // A reader moved past what was to be compared.
    } finally {
      this.#pending--;
      this.#court.changed();
    }
  }

  /** Where the witnesses to `range` differ, hears all others and leaves out who is outvoted. */
  async #weigh(range: Range, said: Testimony): Promise<void> {
    if (groupsOf(said).length < 2) return;
    const others = this.#witnesses().filter((source) => !said.has(source));
    await Promise.all(others.map((source) => this.#hear(source, range, said)));
    // Two inquiries may come to the same source: who is out already has no vote any more.
    for (const source of said.keys()) if (source.status === 'out' && source.error?.code === 'SOURCES_DISAGREE') said.delete(source);
    const [most = [], next = [], ...rest] = groupsOf(said);
    if (next.length === 0 || this.#sampler.closed) return;
    if (most.length > next.length) await this.#condemn([next, ...rest].flat(), range, most);
    else if (this.#awaited) this.#doubts.push({ range, said });
    else if (this.#options.digestKnown !== true) this.#court.failed(disagreement(most, next, range.start));
  }

  async #condemn(liars: readonly Source[], range: Range, honest: readonly Source[]): Promise<void> {
    for (const source of liars) {
      this.#court.dropped(source);
      const facts = { url: source.spec.url };
      const text = `it serves other bytes than ${honest.length} other sources at offset ${range.start}`;
      source.leaveOut(new HydrantError('SOURCES_DISAGREE', text, facts));
      const brought = [...source.brought];
      if (brought.length > 0 && this.#court.delivered()) {
        this.#court.failed(
          new HydrantError('SOURCES_DISAGREE', `${source.url}: ${text}, and some of its bytes were passed on already`, facts),
        );
        return;
      }
      try {
        for (const part of brought) {
          await this.#store.discard(part);
          source.brought.remove(part);
        }
      } catch (error) {
        this.#court.failed(toHydrantError(error, 'STORE_FAILED'));
      }
    }
  }
}
