/* Tasks as the wire has them. Rates in bytes per second, instants in seconds since 1970. */
import type { CacheInfo, CacheJob, TaskInfo, UrlHealth, WireConfig } from './api-types.ts';
import type { FillState, LiveTask, SourceHealth } from './live.ts';
import type { TaskConfig } from './task-config.ts';
import { threadsOf } from './task-schema.ts';
import type { Task } from './tasks.ts';

/** `config` as clients see it: connections are a number always. */
export const wireConfig = (config: TaskConfig): WireConfig => ({ ...config, max_threads: threadsOf(config) });

/** How the URLs of a task have done. */
export const urlHealth = (health: readonly SourceHealth[]): UrlHealth[] =>
  health.map((source) => ({
    url: source.url,
    volume: source.volume,
    state: source.status,
    last_status: source.lastStatus,
    last_error: source.lastError,
    last_latency_ms: source.latency,
    bytes_contributed: source.bytes,
    successful_requests: source.succeeded,
    failed_requests: source.failed,
    current_speed_bps: source.rate,
    last_used_at: source.lastUsedAt,
    in_flight_requests: source.inFlight,
    volume_size: source.volumeLength,
  }));

/** What the cache holds of a task's file, as clients see it. */
export const cacheInfo = ({ cache }: LiveTask): CacheInfo | null =>
  cache && {
    key: cache.key,
    total_size: cache.total,
    bytes_cached: cache.cached,
    blocks_cached: cache.blocksCached,
    blocks_total: cache.blocks,
    hits: cache.hits,
    misses: cache.misses,
    etag: cache.etag,
    bitmap_summary: cache.map,
  };

/** A fill as clients see it. */
export const cacheJob = (fill: FillState, live: LiveTask): CacheJob => ({
  state: fill.state,
  error: fill.error,
  total_bytes: fill.total,
  done_bytes: fill.done,
  current_speed_bps: fill.rate,
  speed_samples: fill.samples,
  threads: fill.connections,
  active_readers: fill.readers,
  bitmap_summary: live.cache?.map ?? [],
});

/** A task whose stream is at `base`/stream/ID. */
export const taskInfo = ({ id, config, createdAt, updatedAt, paused, live }: Task, base: string): TaskInfo => ({
  task_id: id,
  proxy_url: proxyUrl(id, base),
  config: wireConfig(config),
  created_at: createdAt,
  updated_at: updatedAt,
  bytes_served: live.bytesServed,
  active_connections: live.activeConnections,
  paused,
  cache: cacheInfo(live),
  url_health: urlHealth(live.health),
  current_speed_bps: live.rate,
  speed_samples: live.samples,
  cache_job: live.fill && cacheJob(live.fill, live),
});

/** Where the file of task `id` is served. */
export const proxyUrl = (id: string, base: string): string => `${base}/stream/${id}`;
