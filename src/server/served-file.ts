/*
 * What a task delivers now: the representation that its sources serve, or that the cache holds of it. Sources are asked
 * when something is missing, and not before; many readers share one feed. It ends with the representation: when the file
 * changes at its source, or the task gets other sources, another one takes its place.
 */

import type { Entry } from '../cache/entry.ts';
import { type EntryFacts, isFresh } from '../cache/entry-facts.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, SharedStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { fingerprint } from '../digest/fingerprint.ts';
import { Feed, pieceFor } from '../engine/feed.ts';
import { Sources } from '../engine/sources.ts';
import { CellStore } from '../store/cells.ts';
import { EntryStore } from './entry-store.ts';
import type { Plan } from './plan.ts';
import type { Plant } from './plant.ts';
import { patience, type Revalidation, revalidate } from './revalidate.ts';
import { contradicted, entryFacts, factsOf, keptFacts, type ServedFacts, sameFile, unheard } from './served-facts.ts';

/** How a file was come by: stored and fresh, stored and not confirmed, asked for. */
export type Standing = 'fresh' | 'stale' | 'asked';

/** Bytes fetched ahead of a reader at most, into the cache and into memory. */
const storedWindow = 32 * 1024 * 1024;
const memoryWindow = 16 * 1024 * 1024;
/** Milliseconds for which first answers wait for somebody who reads them. */
const openingTime = 10_000;

export class ServedFile {
  readonly entry: Entry | undefined;
  readonly #plan: Plan;
  readonly #plant: Plant;
  readonly #superseded = new AbortController();
  #sources: Sources | undefined;
  #feed: Promise<Feed> | undefined;
  #opened: Feed | undefined;
  #store: SharedStore | undefined;
  #closed = false;
  #facts: ServedFacts;
  #standing: Standing;
  #askedAt: number;
  #asking: Promise<Revalidation> | undefined;
  /** Counted by those who read. */
  readers = 0;
  /** When somebody was last given it to read, by the clock. */
  givenAt = Number.NEGATIVE_INFINITY;
  /** Why nothing more will come of it. */
  error: HydrantError | undefined;

  private constructor(
    plan: Plan,
    plant: Plant,
    found: { facts: ServedFacts; standing: Standing; entry?: Entry | undefined; sources?: Sources },
  ) {
    this.#plan = plan;
    this.#plant = plant;
    this.#facts = found.facts;
    this.#standing = found.standing;
    this.entry = found.entry;
    this.#sources = found.sources;
    this.#askedAt = plant.clock.wall();
  }

  /**
   * Finds out what there is: in the cache, at the sources; `start` is where the first reader begins. Rejects with what keeps
   * all sources from serving it, and has given `plan` back then.
   */
  static async open(plan: Plan, plant: Plant, start: number, signal: AbortSignal): Promise<ServedFile> {
    try {
      const kept = plan.key === undefined ? undefined : await plant.cache.facts(plan.key);
      return (await ServedFile.#find(plan, plant, start, kept)) ?? (await ServedFile.#ask(plan, plant, start, kept, signal));
    } catch (error) {
      plan.way.release();
      throw error;
    }
  }

  /** What the cache holds, where that can be served to who begins at `start`. */
  static async #find(plan: Plan, plant: Plant, start: number, kept: EntryFacts | undefined): Promise<ServedFile | undefined> {
    const { key, layout, way } = plan;
    const { cache, clock } = plant;
    if (key === undefined || kept?.length === undefined) return undefined;
    const entry = await cache.use(key, kept);
    const found = { facts: keptFacts(kept), entry };
    if (isFresh(kept, clock.wall())) return new ServedFile(plan, plant, { ...found, standing: 'fresh' });
    if (entry.held.runFrom(start) > start || kept.length === 0) {
      const word = await revalidate(kept, layout, { transport: way.transport, clock });
      // What no source of these URLs ever vouched for is not served on nobody's word.
      if (word.kind === 'same' || (word.kind === 'unsaid' && kept.validatedAt > 0)) {
        const file = new ServedFile(plan, plant, { ...found, standing: 'stale' });
        await file.#heard(word);
        return file;
      }
    }
    await entry.release();
    return undefined;
  }

  static async #ask(plan: Plan, plant: Plant, start: number, kept: EntryFacts | undefined, signal: AbortSignal): Promise<ServedFile> {
    const sources = sourcesOf(plan, plant);
    try {
      await openAt(sources, start, kept, plant, signal);
      const facts = factsOf(sources, kept);
      const entry = await keep(plan, plant, facts);
      const file = new ServedFile(plan, plant, { facts, standing: 'asked', entry, sources });
      file.#endOpenings();
      return file;
    } catch (error) {
      await sources.close();
      throw error;
    }
  }

  get facts(): ServedFacts {
    return this.#facts;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Aborts when the task has other sources: what is read may go on from those. */
  get superseded(): AbortSignal {
    return this.#superseded.signal;
  }

  get sources(): Sources | undefined {
    return this.#sources;
  }

  get feed(): Feed | undefined {
    return this.#opened;
  }

  /** Whether it may be served to who asks at `now` without asking the sources; what they say after that holds for him. */
  fresh(now: number): boolean {
    if (this.error !== undefined || this.#closed) return false;
    const answers = this.#sources?.all.map((source) => (source.error === undefined ? (source.last?.at ?? 0) : 0)) ?? [];
    const heard = Math.max(this.#facts.validatedAt, ...answers);
    const grace = this.#standing === 'stale' ? openingTime : 0;
    return now < heard + this.#facts.lifetime || now < this.#askedAt + grace || now <= this.#askedAt;
  }

  /** Asks the sources whether it still holds, once for all who want to know. False where they are to be asked for the file anew. */
  async refresh(): Promise<boolean> {
    const { transport } = this.#plan.way;
    this.#asking ??= revalidate(this.#facts, this.#plan.layout, { transport, clock: this.#plant.clock })
      .then(async (word) => {
        await this.#heard(word);
        return word;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    const { kind } = await this.#asking;
    if (this.error !== undefined || this.#closed) return false;
    return kind === 'same' || (kind === 'unsaid' && this.filled);
  }

  /** Bytes of `range` that are stored. */
  stored(range: Range): RangeSet {
    return new RangeSet(this.entry?.held.within(range) ?? []);
  }

  supersede(): void {
    this.#superseded.abort();
  }

  /** The bytes of `range` in order; release each chunk, in order. */
  async *read(range: Range, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    let { start } = range;
    const end = Math.min(range.end, this.facts.length ?? range.end);
    if (this.#opened === undefined && this.entry !== undefined) {
      for await (const chunk of storedRun(this.#stored(this.entry), { start, end }, signal)) {
        start += chunk.bytes.length;
        yield chunk;
      }
    }
    if (start >= end) return;
    const feed = await this.#feeding(start, signal);
    if (!this.facts.ranges && feed.behind(start)) yield* this.#alone({ start, end: range.end }, signal);
    else yield* feed.read({ start, end: range.end }, signal);
  }

  /** Whether the cache holds all of it. */
  get filled(): boolean {
    const { length } = this.#facts;
    return length !== undefined && this.entry?.held.covers({ start: 0, end: length }) === true;
  }

  /** Begins to bring all of it into the cache. Rejects with RANGE_IGNORED where that can't be done in ranges. */
  async fill(signal: AbortSignal): Promise<Feed> {
    const feed = await this.#feeding(0, signal);
    if (!this.#ranged() || this.facts.length === undefined) {
      throw new HydrantError(
        'RANGE_IGNORED',
        'the whole file cannot be brought in advance: its sources serve no ranges, or do not say how long it is',
      );
    }
    feed.fill(true);
    return feed;
  }

  async close(error?: HydrantError): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#opened?.close(error);
    await this.#sources?.close();
    await this.#store?.close();
    await this.entry?.release();
    this.#plan.way.release();
  }

  async #heard(word: Revalidation): Promise<void> {
    if (word.kind === 'changed') return;
    this.#askedAt = this.#plant.clock.wall();
    if (this.#standing !== 'asked') this.#standing = word.kind === 'same' ? 'fresh' : 'stale';
    if (word.kind !== 'same') return;
    const told = { validatedAt: this.#askedAt, lifetime: word.lifetime };
    this.#facts = { ...this.#facts, ...told };
    await this.entry?.update(told).catch(() => undefined);
  }

  /** The entry, read by all readers together. */
  #stored(entry: Entry): EntryStore {
    if (this.#store instanceof EntryStore) return this.#store;
    const store = new EntryStore(entry, () => pieceFor(this.readers));
    this.#store = store;
    return store;
  }

  #ranged(): boolean {
    return this.#sources?.all.some((source) => source.representation?.ranges === true) ?? this.facts.ranges;
  }

  #feeding(start: number, signal: AbortSignal): Promise<Feed> {
    this.#feed ??= this.#startFeed(start, signal).catch((error: unknown) => {
      this.#feed = undefined;
      throw error;
    });
    return this.#feed;
  }

  async #startFeed(start: number, signal: AbortSignal): Promise<Feed> {
    if (this.#closed) throw new HydrantError('STOPPED');
    const proven = this.facts.etag?.startsWith('"') === true || this.facts.lastModified !== undefined;
    let { own } = this.#facts;
    let sources = this.#sources;
    if (sources === undefined) {
      sources = sourcesOf(this.#plan, this.#plant);
      await openAt(sources, start, this.entry?.facts, this.#plant, signal).catch(async (error: unknown) => {
        await sources?.close();
        throw error;
      });
      this.#sources = sources;
      const now = factsOf(sources, this.entry?.facts);
      if (proven ? !sameFile(now, this.facts) : now.length !== this.facts.length) throw this.#failed(new HydrantError('SOURCE_CHANGED'));
      own = now.own;
      const { validatedAt, lifetime } = now;
      this.#facts = { ...this.#facts, validatedAt, lifetime };
    }
    const { entry } = this;
    this.#store ??= entry === undefined ? new CellStore(this.#plant.cells, this.#plant.share) : this.#stored(entry);
    const { share } = this.#plant;
    const unproven = !(proven && own) && entry !== undefined && entry.held.size > 0;
    const limits = entry === undefined ? { window: memoryWindow } : { window: storedWindow };
    this.#opened = new Feed(sources, this.#store, {
      ...limits,
      unproven,
      failed: (error) => void this.#failed(error),
      get budget() {
        return entry === undefined ? share() : Number.POSITIVE_INFINITY;
      },
    });
    if (!own) this.#doubt(sources, this.#opened);
    return this.#opened;
  }

  /** Ends `feed` where the source whose validators the file has comes back, and has another file. */
  #doubt(sources: Sources, feed: Feed): void {
    const unwatch = sources.watch(() => {
      if (!unheard(sources, this.#facts)) unwatch();
      if (contradicted(sources, this.#facts)) void feed.close(this.#failed(new HydrantError('SOURCE_CHANGED')));
    });
  }

  /** Without ranges a reader who comes behind the others gets a connection of his own. */
  async *#alone(range: Range, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    const sources = sourcesOf(this.#plan, this.#plant);
    const store = new CellStore(this.#plant.cells);
    try {
      await sources.open(0, signal);
      if (!sameFile(factsOf(sources), this.facts) && this.facts.etag !== undefined) throw new HydrantError('SOURCE_CHANGED');
      yield* new Feed(sources, store, { window: memoryWindow, budget: this.#plant.share() }).read(range, signal);
    } finally {
      await sources.close();
      await store.close();
    }
  }

  #failed(error: HydrantError): HydrantError {
    if (error.side !== 'downstream' && error.code !== 'STOPPED') this.error ??= error;
    // What is stored counts for nothing now, until a source says that it holds after all.
    if (error.code === 'SOURCE_CHANGED') void this.entry?.update({ validatedAt: 0, lifetime: 0, url: undefined }).catch(() => undefined);
    return error;
  }

  /** Lets go of answers that nobody began to read: each holds a connection. */
  #endOpenings(): void {
    const end = (): void => {
      if (this.#opened !== undefined || this.#sources === undefined) return;
      for (const source of this.#sources.all) this.#sources.takeOpening(source)?.stop();
    };
    this.#plant.clock.after(openingTime, end);
  }
}

const sourcesOf = ({ layout, settings, way, observe }: Plan, { clock, origins }: Plant): Sources =>
  new Sources(layout, settings, { transport: way.transport, clock, random: Math.random, observe, fingerprint }, origins);

/** Asks the sources. The one whose validators `kept` has is waited for a little longer, since it alone can say whether that is another file now. */
const openAt = async (
  sources: Sources,
  start: number,
  kept: EntryFacts | undefined,
  { clock }: Plant,
  signal: AbortSignal,
): Promise<void> => {
  await sources.open(start, signal);
  if (kept === undefined || !unheard(sources, kept)) return;
  await new Promise<void>((resolve) => {
    const callOff = clock.after(patience, () => end());
    const unwatch = sources.watch(() => {
      if (!unheard(sources, kept)) end();
    });
    const end = (): void => {
      callOff();
      unwatch();
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
};

/** The entry that is to hold the file; undefined where the cache can't. */
const keep = async ({ key, layout }: Plan, { cache }: Plant, facts: ServedFacts): Promise<Entry | undefined> => {
  if (key === undefined || !facts.storable) return undefined;
  try {
    return await cache.use(
      key,
      entryFacts(
        facts,
        layout.flat().map(({ url }) => url),
      ),
    );
  } catch (error) {
    if (toHydrantError(error, 'STORE_FAILED').side === 'local') return undefined;
    throw error;
  }
};

/** What is stored from the start of `range` on, as far as it goes. */
async function* storedRun(store: EntryStore, range: Range, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
  for (let { start } = range; start < range.end && store.held.runFrom(start) > start; ) {
    if (signal.aborted) throw new HydrantError('STOPPED', 'stopped', { cause: signal.reason });
    let chunk: Chunk;
    try {
      chunk = await store.piece(start, range.end - start);
    } catch (error) {
      if (store.held.runFrom(start) > start) throw error;
      return;
    }
    start += chunk.bytes.length;
    yield chunk;
  }
}
