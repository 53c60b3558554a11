/*
 * The running side of one task: the file that it delivers, for how long that holds, who reads it and how its sources do.
 * Nothing is open until somebody asks, and nothing stays open long after the last has left.
 */
import { cacheKey } from '../cache/key.ts';
import type { EntryStats } from '../cache/stats.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, TransferEvent } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { Line } from '../transport/line.ts';
import { effectiveMappings } from './host-mappings.ts';
import type { CacheState, FillState, LiveTask, SourceHealth, TaskEvent } from './live.ts';
import { pace, setLimit } from './pace.ts';
import type { Plant, Ticking } from './plant.ts';
import { RateRing } from './rate-ring.ts';
import { sameFile } from './served-facts.ts';
import { type Plan, ServedFile } from './served-file.ts';
import { SourceBoard } from './source-board.ts';
import type { TaskConfig } from './task-config.ts';
import { entryOf, failureEntry, TaskLog } from './task-log.ts';

/** Milliseconds for which a file that nobody reads stays open. */
const lingering = 30_000;
/** Milliseconds for which a task whose cache could not take its file does without. */
const uncachedFor = 60_000;

export class RunningTask implements LiveTask, Ticking {
  readonly id: string;
  readonly #plant: Plant;
  readonly #board = new SourceBoard();
  readonly #log = new TaskLog();
  readonly #served = new RateRing();
  readonly #filled = new RateRing();
  readonly #upstreamLine: Line;
  readonly #downstreamLine: Line;
  readonly #closing = new AbortController();
  readonly #open = new Set<ServedFile>();
  #config: TaskConfig;
  #key: string;
  #file: Promise<ServedFile> | undefined;
  #current: ServedFile | undefined;
  #fill: { state: FillState['state']; error: string | null } | undefined;
  #idleSince: number | undefined;
  #uncachedUntil = 0;
  #cacheState: CacheState | null = null;
  #looked = false;
  #brought = 0;
  #closed = false;
  activeConnections = 0;
  hits = 0;
  misses = 0;

  constructor(id: string, config: TaskConfig, plant: Plant) {
    this.id = id;
    this.#plant = plant;
    this.#config = config;
    this.#key = cacheKey(config.volumes);
    this.#upstreamLine = new Line(Number.POSITIVE_INFINITY, plant.clock);
    this.#downstreamLine = new Line(Number.POSITIVE_INFINITY, plant.clock);
    this.#limit();
  }

  get config(): TaskConfig {
    return this.#config;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get bytesServed(): number {
    return this.#served.total;
  }

  get rate(): number {
    return this.#served.rate;
  }

  get samples(): readonly number[] {
    return this.#served.samples;
  }

  get fillRate(): number {
    return this.#fill?.state === 'running' ? this.#filled.rate : 0;
  }

  get health(): readonly SourceHealth[] {
    return this.#board.rows(this.#config.volumes, this.#current?.sources);
  }

  get log(): readonly TaskEvent[] {
    return this.#log.entries;
  }

  get cache(): CacheState | null {
    const entry = this.#current?.entry;
    if (entry === undefined) return this.#keptState();
    return stateOf(this.#key, entry.stats, this);
  }

  /** What the cache held when it was last looked at; looked up once where nobody did. */
  #keptState(): CacheState | null {
    const { cache } = this.#plant;
    if (this.#cacheState !== null || this.#looked || !cache.has(this.#key)) return this.#cacheState;
    this.#looked = true;
    void cache
      .stats(this.#key)
      .then((stats) => {
        if (stats === undefined) return;
        this.#cacheState = stateOf(this.#key, stats, this);
      })
      .catch(() => undefined);
    return null;
  }

  get trouble(): boolean {
    return this.#fill?.state === 'failed' || this.#current?.sources?.all.some(({ status }) => status === 'out') === true;
  }

  get fill(): FillState | null {
    const fill = this.#fill;
    if (fill === undefined) return null;
    const cache = this.cache;
    const feed = this.#current?.feed;
    return {
      ...fill,
      total: cache?.total ?? 0,
      done: cache?.cached ?? 0,
      rate: this.fillRate,
      samples: this.#filled.samples,
      connections: feed?.connections ?? 0,
      readers: feed?.readers ?? 0,
    };
  }

  /** What is there to be read: asked for anew where what is known is too old. Rejects with what keeps all sources from serving it. */
  async file(start: number): Promise<ServedFile> {
    if (this.#closed) throw new HydrantError('TASK_UNKNOWN');
    const now = this.#plant.clock.wall();
    const current = await this.#file?.catch(() => undefined);
    if (current?.fresh(now)) return current;
    if (current !== undefined && current === this.#current) this.#leave(current);
    this.#file ??= this.#openFile(start);
    return await this.#file;
  }

  /**
   * The bytes of `range` of `file`, at the pace of the limits and of `limit`; release each chunk once it is sent. Goes on with the
   * sources that the task has by then, where they serve the same file.
   */
  async *stream(file: ServedFile, range: Range, signal: AbortSignal, limit?: Line): AsyncGenerator<Chunk, void, void> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    const lines = [this.#plant.downstream, this.#downstreamLine, ...(limit === undefined ? [] : [limit])];
    let serving = file;
    let { start } = range;
    let faithful = false;
    this.#wake();
    for (;;) {
      const leaving = faithful ? both : AbortSignal.any([both, serving.superseded]);
      try {
        for await (const chunk of serving.read({ start, end: range.end }, leaving)) {
          await pace(chunk.bytes.length, lines, both);
          start += chunk.bytes.length;
          yield this.#counted(chunk);
        }
        return;
      } catch (error) {
        if (both.aborted) throw error;
        const next = await this.#successor(serving, start, toHydrantError(error, 'STORE_FAILED'));
        faithful = next === serving;
        serving = next;
      }
    }
  }

  /** Counts blocks of the cache that were there, or not, for a reader of `range`. */
  count(stored: number, wanted: number): void {
    this.hits += Math.ceil(stored / 1_048_576);
    this.misses += Math.ceil(Math.max(0, wanted - stored) / 1_048_576);
  }

  async update(config: TaskConfig): Promise<void> {
    const before = this.#config;
    this.#config = config;
    this.#limit();
    const same = (name: keyof TaskConfig): boolean => JSON.stringify(before[name]) === JSON.stringify(config[name]);
    const sourcesSame = same('volumes');
    if (!sourcesSame) {
      const key = cacheKey(config.volumes);
      this.#board.retain(config.volumes);
      await this.#plant.cache.rename(this.#key, key).catch(() => false);
      this.#key = key;
      this.#cacheState = null;
    }
    if (
      !sourcesSame ||
      !same('headers') ||
      !same('host_mappings') ||
      !same('cache') ||
      !same('max_threads') ||
      !same('max_per_volume') ||
      !same('max_split')
    )
      this.supersede();
  }

  /** Gives up what was known of the sources; who reads goes on with the new ones where they serve the same file. */
  supersede(): void {
    const file = this.#current;
    if (file === undefined) return;
    const filling = this.#fill?.state === 'running';
    this.#leave(file);
    file.supersede();
    if (filling) void this.startFill().catch(() => undefined);
  }

  async startFill(): Promise<void> {
    this.#setFill('running');
    this.#wake();
    try {
      if (this.#current !== undefined && this.#current.entry === undefined) this.#leave(this.#current);
      const file = await this.file(0);
      if (file.entry === undefined)
        throw new HydrantError('RANGE_IGNORED', 'the file cannot be cached: its source forbids it, or the cache has no room');
      await file.fill(this.#closing.signal);
    } catch (error) {
      const failure = toHydrantError(error, 'STORE_FAILED');
      this.#setFill('failed', failure.message);
      this.#tell(failureEntry(failure, this.#plant.clock.wall()));
      throw failure;
    }
  }

  pauseFill(): void {
    if (this.#fill === undefined) throw new HydrantError('TASK_UNKNOWN', 'there is no fill of this task');
    if (this.#fill.state !== 'done') this.#setFill('paused');
    this.#current?.feed?.fill(false);
  }

  async clearCache(): Promise<number> {
    this.#current?.feed?.fill(false);
    this.#fill = undefined;
    this.#cacheState = null;
    this.hits = 0;
    this.misses = 0;
    return await this.#plant.cache.clear(this.#key);
  }

  async close(cut: boolean): Promise<void> {
    this.#current?.feed?.fill(false);
    this.#fill = undefined;
    if (!cut && this.activeConnections > 0) return;
    this.#closed = true;
    this.#closing.abort(new HydrantError('STOPPED'));
    for (const file of [...this.#open]) await this.#shut(file);
  }

  tick(): boolean {
    const { clock } = this.#plant;
    const sources = this.#current?.sources;
    this.#board.tick(sources);
    const bytes = sources?.all.reduce((sum, source) => sum + source.bytes, 0) ?? 0;
    if (this.#fill?.state === 'running') this.#filled.add(Math.max(0, bytes - this.#brought));
    this.#brought = bytes;
    this.#served.tick();
    this.#filled.tick();
    this.#noteFill();
    const busy = this.activeConnections > 0 || this.#fill?.state === 'running';
    if (busy) this.#idleSince = undefined;
    else this.#idleSince ??= clock.now();
    if (this.#idleSince !== undefined && clock.now() - this.#idleSince > lingering && this.#current !== undefined)
      this.#leave(this.#current);
    for (const file of this.#open) if (file !== this.#current && file.readers === 0) void this.#shut(file);
    return busy || this.#open.size > 0 || !this.#served.silent || !this.#filled.silent;
  }

  async #openFile(start: number): Promise<ServedFile> {
    this.#wake();
    try {
      const file = await ServedFile.open(this.#plan(), this.#plant, start, this.#closing.signal);
      this.#open.add(file);
      this.#current = file;
      return file;
    } catch (error) {
      this.#file = undefined;
      const failure = toHydrantError(error, 'SOURCE_UNREACHABLE');
      if (failure.code !== 'STOPPED') this.#tell(failureEntry(failure, this.#plant.clock.wall()));
      throw failure;
    }
  }

  #plan(): Plan {
    const { defaults, upstream, settings, clock } = this.#plant;
    const { volumes, headers, max_threads, max_per_volume, max_split, cache, host_mappings } = this.#config;
    const { host_mappings: global, dns } = settings();
    const filled = this.#fill?.state === 'running';
    return {
      layout: volumes.map((mirrors) => mirrors.map((url) => ({ url, headers }))),
      settings: {
        ...defaults,
        connections: Math.min(128, max_threads ?? max_per_volume * volumes.length),
        perVolume: max_per_volume,
        lease: max_split === 0 ? defaults.lease : max_split,
      },
      way: upstream.way(effectiveMappings(global, host_mappings), dns, this.#upstreamLine),
      key: (cache || filled) && clock.now() >= this.#uncachedUntil ? this.#key : undefined,
      observe: (event) => this.#observe(event),
    };
  }

  /** Where a reader at `start` goes on after `serving` failed him with `error`; rejects with that where nowhere. */
  async #successor(serving: ServedFile, start: number, error: HydrantError): Promise<ServedFile> {
    if (serving.superseded.aborted) {
      const next = await this.file(start).catch(() => serving);
      return sameFile(next.facts, serving.facts) ? next : serving;
    }
    const full = error.side === 'local' && serving.entry !== undefined && error.code !== 'STOPPED';
    if (!full) throw error;
    // The cache takes no more: the reader gets his bytes all the same.
    this.#uncachedUntil = this.#plant.clock.now() + uncachedFor;
    this.#tell(failureEntry(error, this.#plant.clock.wall()));
    if (serving === this.#current) this.#leave(serving);
    const next = await this.file(start);
    if (next.entry !== undefined || !sameFile(next.facts, serving.facts)) throw error;
    return next;
  }

  /** `file` is what the task delivers no more; it is closed after its last reader. */
  #leave(file: ServedFile): void {
    if (this.#current === file) {
      this.#cacheState = this.cache;
      this.#current = undefined;
      this.#brought = 0;
    }
    this.#file = undefined;
    if (file.readers === 0) void this.#shut(file);
  }

  async #shut(file: ServedFile): Promise<void> {
    if (!this.#open.delete(file)) return;
    if (file.sources !== undefined) this.#board.absorb(file.sources);
    await file.close(file.error).catch(() => undefined);
  }

  #setFill(state: FillState['state'], error: string | null = null): void {
    this.#fill = { state, error };
    this.#plant.tell({ kind: 'fill', task: this.id });
  }

  #noteFill(): void {
    if (this.#fill?.state !== 'running') return;
    const feed = this.#current?.feed;
    if (feed === undefined || feed.filling) return;
    const { fillError } = feed;
    this.#setFill(fillError === undefined ? 'done' : 'failed', fillError?.message ?? null);
    if (fillError !== undefined) this.#tell(failureEntry(fillError, this.#plant.clock.wall()));
  }

  #counted(chunk: Chunk): Chunk {
    const release = (): void => {
      chunk.release();
      this.#served.add(chunk.bytes.length);
      this.#plant.served.add(chunk.bytes.length);
    };
    return { bytes: chunk.bytes, release };
  }

  #limit(): void {
    const { rate_limit_bps: rate, rate_limit_algorithm: algorithm } = this.#config;
    for (const line of [this.#upstreamLine, this.#downstreamLine]) setLimit(line, rate, algorithm);
  }

  #observe(event: TransferEvent): void {
    const entry = entryOf(event, this.#plant.clock.wall());
    if (entry !== undefined) this.#tell(entry);
  }

  #tell(entry: TaskEvent): void {
    this.#plant.tell({ kind: 'log', task: this.id, entry: this.#log.add(entry) });
  }

  #wake(): void {
    this.#idleSince = undefined;
    this.#plant.active(this);
  }
}

const stateOf = (key: string, stats: EntryStats, { hits, misses }: { readonly hits: number; readonly misses: number }): CacheState => {
  const { facts, cached, blocks, blocksCached, map } = stats;
  return { key, total: facts.length ?? 0, cached, blocks, blocksCached, hits, misses, etag: facts.etag ?? null, map };
};
