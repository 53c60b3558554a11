/** What the ancestor's clients read, field by field, of a whole server that is at work. */

import type { z } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';

import { globalSchema, probeSchema, settingsSchema, taskInfoSchema } from '../../src/server/api-types.ts';
import { Origin } from '../../src/testing/origin.ts';
import { composed } from './composed.ts';

/** The ancestor's fields, by the type that its clients read them as; `?`: or null. */
type Shape = { readonly [Field in string]: string };

const config: Shape = {
  volumes: 'array',
  max_threads: 'int',
  max_per_volume: 'int',
  max_split: 'int',
  cache: 'boolean',
  headers: 'object',
  name: 'string?',
  output_filename: 'string?',
  auto_filename: 'boolean',
  rate_limit_bps: 'int',
  rate_limit_algorithm: 'string',
  persist: 'boolean',
  plugins: 'array',
  content_disposition: 'string',
  host_mappings: 'array',
};
const task: Shape = {
  task_id: 'string',
  proxy_url: 'string',
  config: 'object',
  created_at: 'int',
  updated_at: 'int',
  bytes_served: 'int',
  active_connections: 'int',
  paused: 'boolean',
  cache: 'object?',
  url_health: 'array',
  current_speed_bps: 'int',
  speed_samples: 'ints',
  cache_job: 'object?',
};
const cache: Shape = {
  key: 'string',
  total_size: 'int',
  bytes_cached: 'int',
  blocks_cached: 'int',
  blocks_total: 'int',
  hits: 'int',
  misses: 'int',
  etag: 'string?',
  bitmap_summary: 'ints',
};
const health: Shape = {
  url: 'string',
  last_status: 'int?',
  last_error: 'string?',
  last_latency_ms: 'int?',
  bytes_contributed: 'int',
  successful_requests: 'int',
  failed_requests: 'int',
  current_speed_bps: 'int',
  last_used_at: 'int?',
  in_flight_requests: 'int',
  volume_size: 'int?',
};
const job: Shape = {
  state: 'string',
  error: 'string?',
  total_bytes: 'int',
  done_bytes: 'int',
  current_speed_bps: 'int',
  speed_samples: 'ints',
  threads: 'int',
  active_readers: 'int',
  bitmap_summary: 'ints',
};
const settings: Shape = {
  global_rate_limit_bps: 'int',
  global_rate_limit_algorithm: 'string',
  plugin_globals: 'object',
  download_dir: 'string?',
  host_mappings: 'array',
  dns: 'string?',
};
const global: Shape = {
  settings: 'object',
  cache_fill_speed_bps: 'int',
  current_speed_bps: 'int',
  speed_samples: 'ints',
  cache_total_bytes: 'int',
  task_count: 'int',
  active_connections: 'int',
  bytes_served_total: 'int',
};
const probe: Shape = {
  detected_filename: 'string?',
  suggested_filename: 'string?',
  total_size: 'int?',
  content_type: 'string?',
  accepts_ranges: 'boolean',
};

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.every(Number.isSafeInteger) ? 'ints' : 'array';
  return Number.isSafeInteger(value) ? 'int' : typeof value;
};
const fits = (value: unknown, kind: string): boolean =>
  (value === null && kind.endsWith('?')) || kindOf(value) === kind.replace('?', '') || (kind === 'array' && Array.isArray(value));

const expectShape = (value: Readonly<Record<string, unknown>>, shape: Shape, schema: z.ZodType, more: readonly string[] = []): void => {
  expect(Object.keys(value).toSorted()).toEqual([...Object.keys(shape), ...more].toSorted());
  for (const [field, kind] of Object.entries(shape))
    expect([field, value[field], fits(value[field], kind)]).toEqual([field, value[field], true]);
  schema.parse(value);
};

describe('the fields of the ancestor', () => {
  it('are in a task before, while and after it is streamed and filled, and in what tells of all', async () => {
    const file = { size: 3_000_000, seed: 2, etag: '"one"' };
    await using origin = await Origin.start({ files: { '/film.bin': file }, rate: { total: 4_000_000 } });
    const { ask } = await composed();
    const urls = [origin.url('/film.bin'), origin.url('/gone.bin')];
    const { task_id: id } = (await ask('POST /api/tasks', { urls, cache: true })).body;
    const look = async (): Promise<Readonly<Record<string, Readonly<Record<string, unknown>> & unknown[]>>> => {
      const { body } = await ask(`GET /api/tasks/${id}`);
      expectShape(body, task, taskInfoSchema);
      expectShape(body.config, config, taskInfoSchema.shape.config);
      for (const row of body.url_health) expectShape(row, health, taskInfoSchema.shape.url_health.element, ['volume', 'state']);
      if (body.cache !== null) expectShape(body.cache, cache, taskInfoSchema.shape.cache);
      if (body.cache_job !== null) expectShape(body.cache_job, job, taskInfoSchema.shape.cache_job);
      const whole = (await ask('GET /api/global')).body;
      expectShape(whole, global, globalSchema, ['cache_hits', 'cache_limit_bytes', 'cache_misses', 'fetch_speed_bps']);
      expectShape(whole.settings, settings, settingsSchema);
      return body;
    };
    expect(await look()).toMatchObject({ cache: null, cache_job: null });
    const streaming = ask(`GET /stream/${id}`);
    await expect.poll(look, { interval: 50 }).toMatchObject({ active_connections: 1, cache: { total_size: file.size } });
    await ask(`POST /api/tasks/${id}/cache`);
    await look();
    await streaming;
    await expect.poll(look, { timeout: 20_000 }).toMatchObject({
      bytes_served: file.size,
      cache: { bytes_cached: file.size, blocks_cached: 3, blocks_total: 3, etag: '"one"', bitmap_summary: [100, 100, 100] },
      cache_job: { state: 'done', error: null, total_bytes: file.size, done_bytes: file.size, bitmap_summary: [100, 100, 100] },
    });
    const told = await look();
    expect(told.url_health).toMatchObject([
      { url: urls[0], last_status: 206, last_error: null, bytes_contributed: file.size, failed_requests: 0, volume_size: file.size },
      { url: urls[1], last_status: 404, last_error: expect.stringContaining('404'), bytes_contributed: 0 },
    ]);
    expectShape((await ask('GET /api/settings')).body, settings, settingsSchema);
    expectShape((await ask('POST /api/probe', { url: urls[0] })).body, probe, probeSchema, ['error']);
    const nothing = (await ask('POST /api/probe', { url: urls[1] })).body;
    expectShape(nothing, probe, probeSchema, ['error']);
    expect(nothing).toMatchObject({ detected_filename: null, total_size: null, content_type: null, accepts_ranges: false });
    const volumes = [[origin.url('/film.bin')], [origin.url('/film.bin')]];
    expect((await ask('POST /api/probe', { volumes })).body).toMatchObject({ total_size: 2 * file.size, accepts_ranges: true });
  });
});
