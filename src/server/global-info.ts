import type { Global } from './api-types.ts';
import type { ControlPorts } from './control-ports.ts';

/** The whole at a glance. */
export const globalInfo = ({ settings, live, tasks }: Pick<ControlPorts, 'settings' | 'live' | 'tasks'>): Global => ({
  settings: settings.current,
  cache_fill_speed_bps: live.fillRate,
  current_speed_bps: live.rate,
  speed_samples: live.samples,
  fetch_speed_bps: live.fetchRate,
  cache_total_bytes: live.cacheBytes,
  cache_limit_bytes: live.cacheLimit,
  cache_hits: live.cacheHits,
  cache_misses: live.cacheMisses,
  task_count: tasks.count,
  active_connections: live.activeConnections,
  bytes_served_total: live.bytesServed,
});
