import type { Cache } from '../cache/cache.ts';
import { systemClock } from '../client/clock.ts';
import { HydrantError, redactUrl, toHydrantError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import { fingerprint } from '../digest/fingerprint.ts';
import { Origins } from '../engine/origins.ts';
import { startOf } from '../engine/ports.ts';
import { Sources } from '../engine/sources.ts';
import { checkFilters } from '../filter/catalogue.ts';
import { BufferPool } from '../store/buffer-pool.ts';
import type { AddressPolicy } from '../transport/address-policy.ts';
import { parseDnsServer } from '../transport/dot.ts';
import { Line } from '../transport/line.ts';
import { effectiveMappings, mappingTrouble } from './host-mappings.ts';
import type { Live, LiveEvent, ProbeFacts } from './live.ts';
import { setLimit } from './pace.ts';
import type { Plant, Ticking } from './plant.ts';
import { RateRing } from './rate-ring.ts';
import { resolveHost } from './resolve-host.ts';
import { RunningTask } from './running-task.ts';
import { factsOf } from './served-facts.ts';
import type { ServerSettings, TaskConfig } from './task-config.ts';
import { Upstream } from './upstream.ts';

/** Requests upstream at once over all tasks, unless told otherwise. */
const mostConnections = 128;
/** Connections to one origin over all tasks, unless told otherwise. */
const perOrigin = 32;
const cellSize = 64 * 1024;
/** The least that one uncached file may hold, however many there are. */
const leastShare = 1024 * 1024;
/** Milliseconds that a probe for people may take. */
const probeTime = 15_000;

export interface RunningOptions {
  readonly cache: Cache;
  readonly settings: ServerSettings;
  /** Defaults for tasks; `connections` and `perOrigin` bound all of them together. */
  readonly defaults: TransferOptions;
  readonly policy: AddressPolicy;
  readonly clock?: Clock;
}

/** The running side of the server: every task's, and what they share. */
export class RunningTasks implements Live {
  readonly #plant: Plant;
  readonly #tasks = new Map<string, RunningTask>();
  readonly #passing = new Map<string, RunningTask>();
  #left = 0;
  readonly #active = new Set<Ticking>();
  readonly #watchers = new Set<(event: LiveEvent) => void>();
  readonly #upstream: Upstream;
  readonly #downstream: Line;
  readonly #served = new RateRing();
  #settings: ServerSettings;
  #callOff: () => void;

  constructor({ cache, settings, defaults, policy, clock = systemClock }: RunningOptions) {
    this.#settings = settings;
    this.#upstream = new Upstream(defaults, clock, policy);
    this.#downstream = new Line(Number.POSITIVE_INFINITY, clock);
    const ceiling = Math.max(defaults.perOrigin, perOrigin);
    const { buffer } = defaults;
    this.#plant = {
      defaults,
      clock,
      origins: new Origins(startOf({ ...defaults, connections: undefined }, 1), ceiling, defaults.connections ?? mostConnections),
      upstream: this.#upstream,
      downstream: this.#downstream,
      served: this.#served,
      cache,
      cells: new BufferPool(cellSize, Math.ceil(buffer / cellSize)),
      share: () => Math.max(leastShare, Math.floor(buffer / Math.max(1, this.#active.size))),
      settings: () => this.#settings,
      active: (task) => this.#active.add(task),
      shared: (key, but) => [...this.#tasks.values()].some((task) => task !== but && task.key === key),
      gone: (id) => {
        if (this.#tasks.get(id)?.leaving === true) this.#tasks.delete(id);
      },
      tell: (event) => this.#tell(event),
    };
    this.apply(settings);
    const tick = (): void => {
      this.#callOff = clock.after(1_000, tick);
      this.#tick();
    };
    this.#callOff = clock.after(1_000, tick);
  }

  get rate(): number {
    return this.#served.rate;
  }

  get samples(): readonly number[] {
    return this.#served.samples;
  }

  get fillRate(): number {
    return [...this.#tasks.values()].reduce((sum, task) => sum + task.fillRate, 0);
  }

  get fetchRate(): number {
    return [...this.#tasks.values(), ...this.#passing.values()].reduce((sum, task) => sum + task.fetchRate, 0);
  }

  get activeConnections(): number {
    return [...this.#tasks.values()].reduce((sum, task) => sum + task.activeConnections, 0);
  }

  get bytesServed(): number {
    return this.#served.total;
  }

  get cacheBytes(): number {
    return this.#plant.cache.bytes;
  }

  get cacheLimit(): number {
    return this.#plant.cache.limit;
  }

  get cacheHits(): number {
    return [...this.#tasks.values()].reduce((sum, task) => sum + task.hits, 0);
  }

  get cacheMisses(): number {
    return [...this.#tasks.values()].reduce((sum, task) => sum + task.misses, 0);
  }

  task(id: string, config: TaskConfig): RunningTask {
    const known = this.#tasks.get(id);
    if (known !== undefined && !known.leaving) return known;
    // Its streams go on as those of a task that nobody knows.
    if (known !== undefined) this.#passing.set(`${id} ${this.#left++}`, known);
    const task = new RunningTask(id, config, this.#plant);
    this.#tasks.set(id, task);
    return task;
  }

  /** What streams a file that no task is of: nobody lists it, and it goes when nobody reads it. */
  passing(config: TaskConfig): RunningTask {
    const key = JSON.stringify(config);
    const known = this.#passing.get(key);
    if (known !== undefined) return known;
    const task = new RunningTask('fetch', config, this.#plant);
    this.#passing.set(key, task);
    return task;
  }

  check(config: TaskConfig): void {
    checkFilters(config.plugins);
    checkMappings(config.host_mappings);
  }

  apply(settings: ServerSettings): void {
    checkMappings(settings.host_mappings);
    if (settings.dns !== null) parseDnsServer(settings.dns);
    const before = this.#settings;
    this.#settings = settings;
    const { global_rate_limit_bps: rate, global_rate_limit_algorithm: algorithm } = settings;
    for (const line of [this.#upstream.line, this.#downstream]) setLimit(line, rate, algorithm);
    const routes = ({ host_mappings, dns }: ServerSettings): string => JSON.stringify([host_mappings, dns]);
    if (routes(before) !== routes(settings)) for (const task of [...this.#tasks.values(), ...this.#passing.values()]) task.supersede();
    this.#tell({ kind: 'limit' });
  }

  async probe({ volumes, headers, host_mappings }: Pick<TaskConfig, 'volumes' | 'headers' | 'host_mappings'>): Promise<ProbeFacts> {
    const { clock, origins, defaults } = this.#plant;
    const { host_mappings: global, dns } = this.#settings;
    const way = this.#upstream.way(effectiveMappings(global, host_mappings), dns, new Line(Number.POSITIVE_INFINITY, clock));
    const layout = volumes.map((mirrors) => mirrors.map((url) => ({ url, headers })));
    const ports = { transport: way.transport, clock, random: Math.random, observe: () => undefined, fingerprint };
    const sources = new Sources(layout, { ...defaults, connections: undefined }, ports, origins);
    const giveUp = new AbortController();
    const callOff = clock.after(probeTime, () => giveUp.abort());
    try {
      await sources.open(0, giveUp.signal);
      const { length, type, ranges, name } = factsOf(sources);
      return { length: length ?? null, type: type ?? null, ranges, name: name ?? null, suggestedName: name ?? null, error: null };
    } catch (error) {
      const failure = giveUp.signal.aborted
        ? (sources.all.find((source) => source.error !== undefined)?.error ?? new HydrantError('SOURCE_UNREACHABLE'))
        : toHydrantError(error, 'SOURCE_UNREACHABLE');
      const text = failure.url === undefined ? failure.message : `${redactUrl(failure.url)}: ${failure.message}`;
      return { length: null, type: null, ranges: false, name: null, suggestedName: null, error: text };
    } finally {
      callOff();
      await sources.close();
      way.release();
    }
  }

  readonly resolve = resolveHost;

  clearCache(): Promise<number> {
    return this.#plant.cache.clearAll();
  }

  watch(seen: (event: LiveEvent) => void): () => void {
    this.#watchers.add(seen);
    return () => this.#watchers.delete(seen);
  }

  async close(): Promise<void> {
    this.#callOff();
    await Promise.all([...this.#tasks.values(), ...this.#passing.values()].map((task) => task.close(true)));
    this.#upstream.line.close(new HydrantError('STOPPED'));
    this.#downstream.close(new HydrantError('STOPPED'));
    await this.#upstream.close();
  }

  #tick(): void {
    this.#served.tick();
    for (const task of this.#active) if (!task.tick()) this.#active.delete(task);
    for (const [key, task] of this.#passing) if (!this.#active.has(task)) this.#passing.delete(key);
  }

  #tell(event: LiveEvent): void {
    for (const seen of [...this.#watchers]) seen(event);
  }
}

const checkMappings = (mappings: TaskConfig['host_mappings']): void => {
  for (const mapping of mappings) {
    const trouble = mapping.enabled ? mappingTrouble(mapping) : undefined;
    if (trouble !== undefined) throw new HydrantError('OPTION_INVALID', trouble);
  }
};
