import type { SettingsInfo, TaskInfo } from '../../../src/server/api-types.ts';
import type { TaskLogEntry } from '../data/messages.ts';

/** Why a task is as fast as it is: the first that holds, what stops it before what slows it. */
export type Reason =
  | { readonly why: 'paused' | 'idle' | 'here' | 'waiting' | 'readers' }
  | { readonly why: 'fillFailed' | 'allOut'; readonly error: string }
  | { readonly why: 'limit' | 'globalLimit'; readonly rate: number }
  | { readonly why: 'throttled'; readonly host: string; readonly connections: number }
  | { readonly why: 'someOut'; readonly out: number; readonly all: number; readonly host: string }
  | { readonly why: 'slowest'; readonly host: string; readonly rate: number; readonly connections: number };

/** A rate this near to a limit is held back by it. */
const near = 0.85;

/** What holds `task` back, by what it, its log and the settings say. */
export const reasonOf = (
  task: TaskInfo,
  log: readonly TaskLogEntry[],
  settings: Pick<SettingsInfo, 'global_rate_limit_bps'> | undefined,
): Reason => {
  const { paused, cache_job: fill, url_health: sources, cache, config, active_connections: readers } = task;
  if (paused && readers === 0) return { why: 'paused' };
  if (fill?.state === 'failed') return { why: 'fillFailed', error: fill.error ?? '' };
  const out = sources.filter(({ state }) => state === 'out');
  const [firstOut] = out;
  if (firstOut !== undefined && out.length === sources.length) return { why: 'allOut', error: firstOut.last_error ?? '' };
  if (readers === 0 && fill?.state !== 'running') return { why: 'idle' };
  if (cache !== null && cache.total_size > 0 && cache.bytes_cached >= cache.total_size) return { why: 'here' };
  const into = sources.reduce((sum, { current_speed_bps }) => sum + current_speed_bps, 0);
  const rate = Math.max(into, task.current_speed_bps);
  if (isNear(rate, config.rate_limit_bps)) return { why: 'limit', rate: config.rate_limit_bps };
  const whole = settings?.global_rate_limit_bps ?? 0;
  if (isNear(rate, whole)) return { why: 'globalLimit', rate: whole };
  const throttled = throttledBy(log);
  if (throttled !== undefined) return { why: 'throttled', ...throttled };
  if (firstOut !== undefined) return { why: 'someOut', out: out.length, all: sources.length, host: hostOf(firstOut.url) };
  const [best] = sources.toSorted((a, b) => b.current_speed_bps - a.current_speed_bps);
  if (best === undefined || best.current_speed_bps === 0) return { why: task.current_speed_bps > 0 ? 'readers' : 'waiting' };
  return { why: 'slowest', host: hostOf(best.url), rate: best.current_speed_bps, connections: best.in_flight_requests };
};

const isNear = (rate: number, limit: number): boolean => limit > 0 && rate >= limit * near;

/** The last source that said how many connections it takes. */
const throttledBy = (log: readonly TaskLogEntry[]): { readonly host: string; readonly connections: number } | undefined => {
  const entry = log.findLast(({ event }) => event === 'throttled');
  const [, origin, connections] = /^(\S+) takes no more than (\d+) connection/.exec(entry?.message ?? '') ?? [];
  return origin === undefined ? undefined : { host: hostOf(origin), connections: Number(connections) };
};

/** The host of `url`; all of it where it has none. */
export const hostOf = (url: string): string => {
  try {
    return new URL(url).host || url;
  } catch {
    return url;
  }
};
