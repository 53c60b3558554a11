/*
 * The running side of one task: the file that it delivers, for how long that holds, who reads it and how its sources do.
 * Nothing is open until somebody asks, and nothing stays open long after the last has left.
 */
import { cacheKey } from '../cache/key.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, TransferEvent } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { Line } from '../transport/line.ts';
import { FillRun } from './fill-run.ts';
import { KeptStats, stateOf } from './kept-stats.ts';
import type { CacheState, FillState, LiveTask, SourceHealth, TaskEvent } from './live.ts';
import { pace, setLimit } from './pace.ts';
import { type Plan, planOf } from './plan.ts';
import type { Plant, Ticking } from './plant.ts';
import { counted, RateRing } from './rate-ring.ts';
import { sameEverywhere } from './same-everywhere.ts';
import { sameFile } from './served-facts.ts';
import { ServedFile } from './served-file.ts';
import { SourceBoard } from './source-board.ts';
import type { TaskConfig } from './task-config.ts';
import { entryOf, failureEntry, TaskLog } from './task-log.ts';

/** Milliseconds for which a file that nobody reads stays open. */
const lingering = 30_000;
/** Milliseconds within which who was given a file begins to read it, if at all. */
const beginning = 2_000;
/** Milliseconds for which a task whose cache could not take its file does without. */
const uncachedFor = 60_000;

export class RunningTask implements LiveTask, Ticking {
  readonly id: string;
  readonly #plant: Plant;
  readonly #kept: KeptStats;
  readonly #board = new SourceBoard();
  readonly #log = new TaskLog();
  readonly #served = new RateRing();
  readonly #fill: FillRun;
  readonly #upstreamLine: Line;
  readonly #downstreamLine: Line;
  readonly #closing = new AbortController();
  readonly #open = new Set<ServedFile>();
  #config: TaskConfig;
  #key: string;
  #file: Promise<ServedFile> | undefined;
  /** Counts how often what is asked for became another. */
  #plans = 0;
  #current: ServedFile | undefined;
  #idleSince: number | undefined;
  #uncachedUntil = 0;
  #brought = 0;
  #closed = false;
  /** Removed: it ends with its last stream. */
  leaving = false;
  activeConnections = 0;
  hits = 0;
  misses = 0;

  constructor(id: string, config: TaskConfig, plant: Plant) {
    this.id = id;
    this.#plant = plant;
    this.#config = config;
    this.#key = cacheKey(config.volumes);
    this.#kept = new KeptStats(plant.cache);
    this.#fill = new FillRun(() => plant.tell({ kind: 'fill', task: id }));
    this.#upstreamLine = new Line(Number.POSITIVE_INFINITY, plant.clock);
    this.#downstreamLine = new Line(Number.POSITIVE_INFINITY, plant.clock);
    this.#limit();
  }

  get config(): TaskConfig {
    return this.#config;
  }

  /** Under which the cache has its file. */
  get key(): string {
    return this.#key;
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
    return this.#fill.running ? this.#fill.brought.rate : 0;
  }

  /** Bytes that came from sources in the last second. */
  get fetchRate(): number {
    return this.#board.rate;
  }

  get health(): readonly SourceHealth[] {
    return this.#board.rows(this.#config.volumes, this.#current?.sources);
  }

  get log(): readonly TaskEvent[] {
    return this.#log.entries;
  }

  get cache(): CacheState | null {
    const stats = this.#current?.entry?.stats ?? this.#kept.at(this.#key);
    return stats === undefined ? null : stateOf(this.#key, stats, this);
  }

  get trouble(): boolean {
    return this.#fill.now?.state === 'failed' || this.#current?.sources?.all.some(({ status }) => status === 'out') === true;
  }

  get fill(): FillState | null {
    const { now } = this.#fill;
    if (now === undefined) return null;
    const cache = this.cache;
    const feed = this.#current?.feed;
    return {
      ...now,
      total: cache?.total ?? 0,
      done: cache?.cached ?? 0,
      rate: this.fillRate,
      samples: this.#fill.brought.samples,
      connections: feed?.connections ?? 0,
      readers: feed?.readers ?? 0,
    };
  }

  /** What is there to be read: asked for anew where what is known is too old. Rejects with what keeps all sources from serving it. */
  async file(start: number): Promise<ServedFile> {
    const file = await this.#find(start);
    file.givenAt = this.#plant.clock.now();
    return file;
  }

  async #find(start: number): Promise<ServedFile> {
    if (this.#closed) throw new HydrantError('TASK_UNKNOWN');
    const now = this.#plant.clock.wall();
    const current = await this.#file?.catch(() => undefined);
    if (current?.fresh(now)) return current;
    // What others read is asked for anew only where it no longer holds: they share one transfer.
    const busy = current !== undefined && (this.#inUse(current) || current.feed?.filling === true);
    if (busy && (await current.refresh()) && current === this.#current) return current;
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
    // Counted here and not by each read, lest it is closed while a successor is looked for.
    serving.readers++;
    try {
      for (;;) {
        const leaving = faithful ? both : AbortSignal.any([both, serving.superseded]);
        try {
          for await (const chunk of serving.read({ start, end: range.end }, leaving)) {
            await pace(chunk.bytes.length, lines, both).catch((error: unknown) => {
              chunk.release();
              throw error;
            });
            start += chunk.bytes.length;
            yield counted(chunk, [this.#served, this.#plant.served]);
          }
          return;
        } catch (error) {
          if (both.aborted) throw error;
          const next = await this.#successor(serving, start, toHydrantError(error, 'STORE_FAILED'));
          if (next === serving && faithful) throw error;
          faithful = next === serving;
          next.readers++;
          serving.readers--;
          serving = next;
        }
      }
    } finally {
      serving.readers--;
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
      if (!this.#plant.shared(this.#key, this)) {
        const trusted = sameEverywhere(before.volumes, config.volumes);
        await this.#plant.cache.rename(this.#key, key, { trusted }).catch(() => false);
      }
      this.#key = key;
      this.#kept.forget();
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
    this.#plans++;
    const file = this.#current;
    if (file === undefined) return;
    this.#leave(file);
    file.supersede();
    if (this.#fill.running) void this.startFill().catch(() => undefined);
  }

  async startFill(): Promise<void> {
    this.#fill.begin();
    this.#wake();
    try {
      if (this.#current !== undefined && this.#current.entry === undefined) this.#leave(this.#current);
      await this.#fill.on(await this.file(0), this.#closing.signal);
      this.#lookAtFill();
    } catch (error) {
      throw this.#fillFailed(error);
    }
  }

  pauseFill(): void {
    this.#fill.pause();
  }

  async clearCache(): Promise<number> {
    this.#fill.forget();
    this.#kept.forget();
    [this.hits, this.misses] = [0, 0];
    return await this.#plant.cache.clear(this.#key);
  }

  async close(cut: boolean): Promise<void> {
    this.#fill.forget();
    this.leaving = true;
    if (!cut && this.activeConnections > 0) return;
    this.#closed = true;
    this.#plant.gone(this.id);
    this.#closing.abort(new HydrantError('STOPPED'));
    for (const file of [...this.#open]) await this.#shut(file);
  }

  tick(): boolean {
    const { clock } = this.#plant;
    if (this.leaving && this.activeConnections === 0) void this.close(true);
    const sources = this.#current?.sources;
    this.#board.tick(sources);
    const bytes = sources?.all.reduce((sum, source) => sum + source.bytes, 0) ?? 0;
    if (this.#fill.running) this.#fill.brought.add(Math.max(0, bytes - this.#brought));
    this.#brought = bytes;
    this.#served.tick();
    this.#fill.brought.tick();
    this.#lookAtFill();
    const busy = this.activeConnections > 0 || this.#fill.running;
    if (busy) this.#idleSince = undefined;
    else this.#idleSince ??= clock.now();
    if (this.#idleSince !== undefined && clock.now() - this.#idleSince > lingering && this.#current !== undefined)
      this.#leave(this.#current);
    for (const file of this.#open) if (file !== this.#current && !this.#inUse(file)) void this.#shut(file);
    return busy || this.#open.size > 0 || !this.#served.silent || !this.#fill.brought.silent;
  }

  async #openFile(start: number): Promise<ServedFile> {
    this.#wake();
    try {
      for (;;) {
        const plans = this.#plans;
        const file = await ServedFile.open(this.#plan(), this.#plant, start, this.#closing.signal);
        this.#open.add(file);
        if (this.#closed) {
          await this.#shut(file);
          throw new HydrantError('STOPPED');
        }
        // Told meanwhile to ask others, or otherwise.
        if (plans !== this.#plans) {
          void this.#shut(file);
          continue;
        }
        this.#current = file;
        if (this.#fill.underWay) void this.#fill.on(file, this.#closing.signal).catch((error: unknown) => this.#fillFailed(error));
        return file;
      }
    } catch (error) {
      this.#file = undefined;
      const failure = toHydrantError(error, 'SOURCE_UNREACHABLE');
      if (failure.code !== 'STOPPED') this.#tell(failureEntry(failure, this.#plant.clock.wall()));
      throw failure;
    }
  }

  #plan(): Plan {
    const cached = (this.#config.cache || this.#fill.running) && this.#plant.clock.now() >= this.#uncachedUntil;
    const observe = (event: TransferEvent): void => this.#observe(event);
    return planOf(this.#config, this.#plant, { key: cached ? this.#key : undefined, line: this.#upstreamLine, observe });
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
      this.#kept.note(file.entry?.stats);
      this.#current = undefined;
      this.#brought = 0;
    }
    this.#file = undefined;
    file.feed?.fill(false);
    if (!this.#inUse(file)) void this.#shut(file);
  }

  /** Whether somebody reads `file`, or was given it just now and has yet to begin. */
  #inUse(file: ServedFile): boolean {
    return file.readers > 0 || this.#plant.clock.now() - file.givenAt < beginning;
  }

  async #shut(file: ServedFile): Promise<void> {
    if (!this.#open.delete(file)) return;
    if (file.sources !== undefined) this.#board.absorb(file.sources);
    await file.close(file.error).catch(() => undefined);
  }

  #lookAtFill(): void {
    const error = this.#fill.look(this.#current);
    if (error !== undefined) this.#tell(failureEntry(error, this.#plant.clock.wall()));
  }

  #fillFailed(error: unknown): HydrantError {
    const failure = toHydrantError(error, 'STORE_FAILED');
    this.#fill.fail(failure);
    this.#tell(failureEntry(failure, this.#plant.clock.wall()));
    return failure;
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
