/**
 * What the control plane knows of the running side of the server. Rates in bytes per second over the last second,
 * `samples` one per second, the oldest first, 60 at most. Times in milliseconds, instants in seconds since 1970.
 */
import type { HostMapping, ServerSettings, TaskConfig } from './task-config.ts';

/** How one URL has done for a task. */
export interface SourceHealth {
  readonly url: string;
  readonly volume: number;
  readonly status: 'ready' | 'probing' | 'working' | 'resting' | 'spare' | 'out';
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly latency: number | null;
  readonly bytes: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly rate: number;
  readonly lastUsedAt: number | null;
  readonly inFlight: number;
  readonly volumeLength: number | null;
}

/** How bringing a whole file into the cache stands. */
export interface FillState {
  readonly state: 'idle' | 'running' | 'paused' | 'done' | 'failed';
  readonly error: string | null;
  readonly total: number;
  readonly done: number;
  readonly rate: number;
  readonly samples: readonly number[];
  readonly connections: number;
  readonly readers: number;
}

/** What the cache holds of a task's file. `map`: percent per bucket, 128 buckets at most. */
export interface CacheState {
  readonly key: string;
  readonly total: number;
  readonly cached: number;
  readonly blocks: number;
  readonly blocksCached: number;
  readonly hits: number;
  readonly misses: number;
  readonly etag: string | null;
  readonly map: readonly number[];
}

/** One thing that happened to a task, for its log. */
export interface TaskEvent {
  readonly time: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly url?: string;
}

/** What sources say of a file that no task may know. */
export interface ProbeFacts {
  readonly length: number | null;
  readonly type: string | null;
  readonly ranges: boolean;
  readonly name: string | null;
  readonly suggestedName: string | null;
  /** Why nothing is known, where that is so. */
  readonly error: string | null;
}

/** Where requests for a host go. */
export interface HostFacts {
  /** What the rules make of it; null where none of them fits. */
  readonly mappedTo: string | null;
  readonly addresses: readonly string[];
  readonly error: string | null;
  /** `system`, or the setting `dns` where that was asked. */
  readonly resolver: string;
}

/** The running side of one task. */
export interface LiveTask {
  readonly bytesServed: number;
  readonly activeConnections: number;
  readonly rate: number;
  readonly samples: readonly number[];
  readonly health: readonly SourceHealth[];
  /** Whether a source is out, or the fill has failed; cheap, asked of thousands of tasks at a time. */
  readonly trouble: boolean;
  readonly cache: CacheState | null;
  readonly fill: FillState | null;
  /** The last hundred events, the oldest first. */
  readonly log: readonly TaskEvent[];
  /** Applies a change: limits at once, the rest from the next request upstream on. Streams that run go on. */
  update(config: TaskConfig): Promise<void>;
  /** Begins to bring the whole file into the cache, or goes on. Rejects where no source serves ranges and a length. */
  startFill(): Promise<void>;
  /** Stops that at once; what came stays. Throws TASK_UNKNOWN where there is no fill. */
  pauseFill(): void;
  /** Forgets what the cache holds of the file; streams that run go on from their sources. */
  clearCache(): Promise<number>;
  /** Stops the fill; `cut`: streams that run too. The cache stays. */
  close(cut: boolean): Promise<void>;
}

/** What happened on the running side, for who watches. `task` is absent where it concerns all. */
export interface LiveEvent {
  readonly kind: 'fill' | 'health' | 'log' | 'limit';
  readonly task?: string;
  readonly entry?: TaskEvent;
}

/** The running side of the server. */
export interface Live {
  readonly rate: number;
  readonly samples: readonly number[];
  readonly fillRate: number;
  /** What came from sources, for readers and for the cache. */
  readonly fetchRate: number;
  readonly activeConnections: number;
  readonly bytesServed: number;
  /** Bytes that the cache holds over all entries. */
  readonly cacheBytes: number;
  /** Bytes that it may hold. */
  readonly cacheLimit: number;
  /** Blocks that readers found in the cache, or not, over all tasks. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** The running side of task `id`, made at first; cheap until somebody streams or fills. */
  task(id: string, config: TaskConfig): LiveTask;
  /** Throws OPTION_INVALID where a plugin, mapping or resolver in `config` can't be, and says which. */
  check(config: TaskConfig): void;
  /** Applies settings; throws OPTION_INVALID before anything changes. */
  apply(settings: ServerSettings): void;
  probe(asked: Pick<TaskConfig, 'volumes' | 'headers' | 'host_mappings'>): Promise<ProbeFacts>;
  /** Where a request for `host` would go under `rules`, all of which hold, and the setting `dns`. */
  resolve(host: string, rules: readonly HostMapping[], dns: string | null): Promise<HostFacts>;
  /** Empties the cache but for what is being read; resolves with the bytes freed. */
  clearCache(): Promise<number>;
  watch(seen: (event: LiveEvent) => void): () => void;
  close(): Promise<void>;
}
