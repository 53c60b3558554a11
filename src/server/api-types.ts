/*
 * What the API answers, in the names of the wire: types for the page, schemas for the description. Sizes in bytes, rates
 * in bytes per second, instants in seconds since 1970.
 */
import { z } from '@hono/zod-openapi';

const count = z.int().nonnegative();
const rate = count;
const samples = z.array(rate).readonly().openapi({ description: 'One per second, the oldest first, 60 at most.' });
const map = z
  .array(z.int().min(0).max(100))
  .readonly()
  .openapi({ description: 'Percent of each bucket that is there, 128 buckets at most.' });
const algorithm = z.enum(['token_bucket', 'sliding_window']);
const mapping = z.object({ from: z.string(), to: z.string(), enabled: z.boolean() }).readonly();

export const problem = z
  .object({ error: z.string(), title: z.string(), detail: z.string(), code: z.string(), status: z.int() })
  .openapi('Problem');

export const wireConfigSchema = z
  .object({
    volumes: z.array(z.array(z.string()).readonly()).readonly(),
    max_threads: z.int(),
    max_per_volume: z.int(),
    max_split: count,
    cache: z.boolean(),
    headers: z.record(z.string(), z.string()).readonly(),
    name: z.string().nullable(),
    output_filename: z.string().nullable(),
    auto_filename: z.boolean(),
    rate_limit_bps: count,
    rate_limit_algorithm: algorithm,
    persist: z.boolean(),
    plugins: z.array(z.object({ id: z.string(), enabled: z.boolean(), config: z.unknown() }).readonly()).readonly(),
    content_disposition: z.enum(['auto', 'inline', 'attachment']),
    host_mappings: z.array(mapping).readonly(),
  })
  .openapi('TaskConfig');

export const urlHealthSchema = z
  .object({
    url: z.string(),
    volume: count,
    state: z.enum(['ready', 'probing', 'working', 'resting', 'spare', 'out']),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    last_latency_ms: z.int().positive().nullable(),
    bytes_contributed: count,
    successful_requests: count,
    failed_requests: count,
    current_speed_bps: rate,
    last_used_at: count.nullable(),
    in_flight_requests: count,
    volume_size: count.nullable(),
  })
  .openapi('UrlHealth');

export const cacheInfoSchema = z
  .object({
    key: z.string(),
    total_size: count,
    bytes_cached: count,
    blocks_cached: count,
    blocks_total: count,
    hits: count,
    misses: count,
    etag: z.string().nullable(),
    bitmap_summary: map,
  })
  .openapi('CacheInfo');

export const cacheJobSchema = z
  .object({
    state: z.enum(['idle', 'running', 'paused', 'done', 'failed']),
    error: z.string().nullable(),
    total_bytes: count,
    done_bytes: count,
    current_speed_bps: rate,
    speed_samples: samples,
    threads: count,
    active_readers: count,
    bitmap_summary: map,
  })
  .openapi('CacheJob');

export const taskInfoSchema = z
  .object({
    task_id: z.string(),
    proxy_url: z.string(),
    config: wireConfigSchema,
    created_at: count,
    updated_at: count,
    bytes_served: count,
    active_connections: count,
    paused: z.boolean(),
    cache: z.union([cacheInfoSchema, z.null()]),
    url_health: z.array(urlHealthSchema),
    current_speed_bps: rate,
    speed_samples: samples,
    cache_job: z.union([cacheJobSchema, z.null()]),
  })
  .openapi('TaskInfo');

const stateCounts = z.object({ all: count, active: count, filling: count, paused: count, trouble: count });

export const taskPageSchema = z
  .object({
    tasks: z.array(taskInfoSchema),
    next_cursor: z.string().nullable(),
    matched: count,
    counts: stateCounts,
  })
  .openapi('TaskPage');

export const settingsSchema = z
  .object({
    global_rate_limit_bps: count,
    global_rate_limit_algorithm: algorithm,
    plugin_globals: z.record(z.string(), z.unknown()).readonly(),
    download_dir: z.string().nullable(),
    host_mappings: z.array(mapping).readonly(),
    dns: z.string().nullable(),
  })
  .openapi('Settings');

export const globalSchema = z
  .object({
    settings: settingsSchema,
    cache_fill_speed_bps: rate,
    current_speed_bps: rate,
    speed_samples: samples,
    fetch_speed_bps: rate.openapi({ description: 'From all sources, for readers and for the cache.' }),
    cache_total_bytes: count,
    cache_limit_bytes: count,
    cache_hits: count.openapi({ description: 'Blocks that readers found in the cache, over all tasks there are.' }),
    cache_misses: count,
    task_count: count,
    active_connections: count,
    bytes_served_total: count,
  })
  .openapi('Global');

export const probeSchema = z
  .object({
    detected_filename: z.string().nullable(),
    suggested_filename: z.string().nullable(),
    total_size: count.nullable(),
    content_type: z.string().nullable(),
    accepts_ranges: z.boolean(),
    error: z.string().nullable(),
  })
  .openapi('Probe');

export const taskEventSchema = z
  .object({
    time: z.string(),
    level: z.enum(['info', 'warn', 'error']),
    event: z.string(),
    message: z.string(),
    url: z.string().optional(),
  })
  .openapi('TaskEvent');

export const linkSchema = z
  .object({
    url: z.string(),
    token: z.string(),
    expires_at: count,
    max_bytes: count.nullable(),
    rate_limit_bps: count,
  })
  .openapi('Link');

export const hostFactsSchema = z
  .object({
    host: z.string(),
    mapped_to: z.string().nullable(),
    addresses: z.array(z.string()).readonly(),
    error: z.string().nullable(),
    proxy_env: z.string().nullable(),
    resolver: z.string(),
  })
  .openapi('HostFacts');

export const downloadSchema = z
  .object({
    id: z.string(),
    state: z.enum(['queued', 'running', 'paused', 'verifying', 'done', 'failed']),
    volumes: z.array(z.array(z.string()).readonly()).readonly(),
    path: z.string().nullable().openapi({ description: 'Below the server’s folder; null until it has its name.' }),
    checksum: z.string().nullable(),
    priority: z.int(),
    total_bytes: count.nullable(),
    done_bytes: count,
    current_speed_bps: rate,
    verified: z.enum(['digest', 'length', 'none']).nullable(),
    error: z.string().nullable(),
    created_at: count,
  })
  .openapi('Download');

export type WireConfig = z.infer<typeof wireConfigSchema>;
export type UrlHealth = z.infer<typeof urlHealthSchema>;
export type CacheInfo = z.infer<typeof cacheInfoSchema>;
export type CacheJob = z.infer<typeof cacheJobSchema>;
export type TaskInfo = z.infer<typeof taskInfoSchema>;
export type TaskPage = z.infer<typeof taskPageSchema>;
export type StateCounts = z.infer<typeof stateCounts>;
export type SettingsInfo = z.infer<typeof settingsSchema>;
export type Global = z.infer<typeof globalSchema>;
export type Probe = z.infer<typeof probeSchema>;
export type LinkInfo = z.infer<typeof linkSchema>;
export type HostFactsInfo = z.infer<typeof hostFactsSchema>;
export type DownloadInfo = z.infer<typeof downloadSchema>;
