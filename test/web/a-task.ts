import type { TaskInfo, UrlHealth, WireConfig } from '../../src/server/api-types.ts';

/** What of a task a test is about. */
export type TaskTraits = Partial<Omit<TaskInfo, 'config'>> & { readonly config?: Partial<WireConfig> };

/** A task that does nothing, but for what is given. */
export const aTask = ({ config, ...rest }: TaskTraits = {}): TaskInfo => ({
  task_id: 'abc123',
  proxy_url: 'http://127.0.0.1:9527/stream/abc123',
  config: {
    volumes: [['http://one.example/film.mkv']],
    max_threads: 16,
    max_per_volume: 0,
    max_split: 0,
    cache: true,
    headers: {},
    name: null,
    output_filename: null,
    auto_filename: true,
    rate_limit_bps: 0,
    rate_limit_algorithm: 'token_bucket',
    persist: true,
    plugins: [],
    content_disposition: 'auto',
    host_mappings: [],
    ...config,
  },
  created_at: 0,
  updated_at: 0,
  bytes_served: 0,
  active_connections: 0,
  paused: false,
  cache: null,
  url_health: [],
  current_speed_bps: 0,
  speed_samples: [],
  cache_job: null,
  ...rest,
});

/** A source that has done nothing, but for what is given. */
export const aSource = (given: Partial<UrlHealth> = {}): UrlHealth => ({
  url: 'http://one.example/film.mkv',
  volume: 0,
  state: 'working',
  last_status: null,
  last_error: null,
  last_latency_ms: null,
  bytes_contributed: 0,
  successful_requests: 0,
  failed_requests: 0,
  current_speed_bps: 0,
  last_used_at: null,
  in_flight_requests: 0,
  volume_size: null,
  ...given,
});
