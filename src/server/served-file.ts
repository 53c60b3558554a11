/*
 * What a task delivers now: the representation that its sources serve, or that the cache holds of it. Sources are asked
 * when something is missing, and not before; many readers share one feed. It ends with the representation: when the file
 * changes at its source, or the task gets other sources, another one takes its place.
 */

import type { Entry } from '../cache/entry.ts';
import { type EntryFacts, isFresh } from '../cache/entry-facts.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, Observer, SharedStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { fingerprint } from '../digest/fingerprint.ts';
import { Feed, pieceFor } from '../engine/feed.ts';
import type { Settings } from '../engine/ports.ts';
import { type LayoutSpec, Sources } from '../engine/sources.ts';
import { CellStore } from '../store/cells.ts';
import { EntryStore } from './entry-store.ts';
import type { Plant } from './plant.ts';
import { revalidate } from './revalidate.ts';
import { entryFacts, factsOf, keptFacts, type ServedFacts, sameFile } from './served-facts.ts';
import type { Way } from './upstream.ts';

/** What a task asks for, in the words of the engine. */
export interface Plan {
  readonly layout: LayoutSpec;
  readonly settings: Settings;
  readonly way: Way;
  /** Of the cache; undefined where nothing is to be kept. */
  readonly key: string | undefined;
  readonly observe: Observer;
}

/** How a file was come by: stored and fresh, stored and not confirmed, asked for. */
export type Standing = 'fresh' | 'stale' | 'asked';

/** Bytes fetched ahead of a reader at most, into the cache and into memory. */
const storedWindow = 32 * 1024 * 1024;
const memoryWindow = 16 * 1024 * 1024;
/** Milliseconds for which first answers wait for somebody who reads them. */
const openingTime = 10_000;

export class ServedFile {
  readonly facts: ServedFacts;
  readonly standing: Standing;
  readonly entry: Entry | undefined;
  readonly #plan: Plan;
  readonly #plant: Plant;
  readonly #superseded = new AbortController();
  #sources: Sources | undefined;
  #feed: Promise<Feed> | undefined;
  #opened: Feed | undefined;
  #store: SharedStore | undefined;
  #closed = false;
  readonly #openedAt: number;
  #validatedAt: number;
  readers = 0;
  /** Why nothing more will come of it. */
  error: HydrantError | undefined;

  private constructor(
    plan: Plan,
    plant: Plant,
    found: { facts: ServedFacts; standing: Standing; entry?: Entry | undefined; sources?: Sources },
  ) {
    this.#plan = plan;
    this.#plant = plant;
    this.facts = found.facts;
    this.standing = found.standing;
    this.entry = found.entry;
    this.#sources = found.sources;
    this.#validatedAt = found.facts.validatedAt;
    this.#openedAt = plant.clock.wall();
  }

  /** Finds out what there is: in the cache, at the sources; `start` is where the first reader begins. Rejects with what keeps all sources from serving it. */
  static async open(plan: Plan, plant: Plant, start: number, signal: AbortSignal): Promise<ServedFile> {
    const { key, layout, way } = plan;
    const { cache, clock } = plant;
    const kept = key === undefined ? undefined : await cache.facts(key);
    if (key !== undefined && kept?.length !== undefined) {
      const entry = await cache.use(key, kept);
      const found = { facts: keptFacts(kept), entry };
      if (isFresh(kept, clock.wall())) return new ServedFile(plan, plant, { ...found, standing: 'fresh' });
      if (entry.held.runFrom(start) > start || kept.length === 0) {
        const word = await revalidate(kept, layout, { transport: way.transport, clock });
        if (word.kind === 'same') {
          const told = { validatedAt: clock.wall(), lifetime: word.lifetime };
          await entry.update(told).catch(() => undefined);
          return new ServedFile(plan, plant, { ...found, facts: { ...found.facts, ...told }, standing: 'fresh' });
        }
        if (word.kind === 'unsaid') return new ServedFile(plan, plant, { ...found, standing: 'stale' });
      }
      await entry.release();
    }
    return await ServedFile.#ask(plan, plant, start, kept, signal);
  }

  static async #ask(plan: Plan, plant: Plant, start: number, kept: EntryFacts | undefined, signal: AbortSignal): Promise<ServedFile> {
    const sources = sourcesOf(plan, plant);
    try {
      await sources.open(start, signal);
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

  /** Whether it may be served to who asks at `now` without asking the sources. */
  fresh(now: number): boolean {
    if (this.error !== undefined || this.#closed) return false;
    const heard = Math.max(
      this.#validatedAt,
      ...(this.#sources?.all.map((source) => (source.error === undefined ? (source.last?.at ?? 0) : 0)) ?? []),
    );
    const grace = this.standing === 'stale' ? openingTime : 0;
    return now < heard + this.facts.lifetime || now < this.#openedAt + grace;
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
    this.readers++;
    try {
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
    } finally {
      this.readers--;
    }
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
    let sources = this.#sources;
    if (sources === undefined) {
      sources = sourcesOf(this.#plan, this.#plant);
      await sources.open(start, signal).catch(async (error: unknown) => {
        await sources?.close();
        throw error;
      });
      this.#sources = sources;
      const now = factsOf(sources, this.entry?.facts);
      if (proven ? !sameFile(now, this.facts) : now.length !== this.facts.length) throw this.#failed(new HydrantError('SOURCE_CHANGED'));
      this.#validatedAt = now.validatedAt;
    }
    const { entry } = this;
    this.#store ??= entry === undefined ? new CellStore(this.#plant.cells, this.#plant.share) : this.#stored(entry);
    const { share } = this.#plant;
    const unproven = !proven && entry !== undefined && entry.held.size > 0;
    const limits = entry === undefined ? { window: memoryWindow } : { window: storedWindow };
    this.#opened = new Feed(sources, this.#store, {
      ...limits,
      unproven,
      failed: (error) => void this.#failed(error),
      get budget() {
        return entry === undefined ? share() : Number.POSITIVE_INFINITY;
      },
    });
    return this.#opened;
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
