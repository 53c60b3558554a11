import type { TaskInfo } from '../../../src/server/api-types.ts';
import type { Tone } from '../ui/state.tsx';

/** What people call a task: its name, that of its file, or the last part of its first URL. */
export const taskName = ({ config, task_id }: TaskInfo): string => {
  const [url = ''] = config.volumes[0] ?? [];
  const last = /\/([^/?#]+)[^/]*$/.exec(url.replace(/^https?:\/\/[^/]*/, ''))?.[1];
  return config.name ?? config.output_filename ?? (last === undefined ? url || task_id : readable(last));
};

const readable = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What a task is doing, the most telling first. */
export type TaskState = 'trouble' | 'paused' | 'active' | 'filling' | 'done' | 'waiting';

export const taskState = ({ paused, url_health, cache_job, active_connections, cache }: TaskInfo): TaskState => {
  if (cache_job?.state === 'failed' || url_health.some(({ state }) => state === 'out')) return 'trouble';
  if (paused) return 'paused';
  if (active_connections > 0) return 'active';
  if (cache_job?.state === 'running') return 'filling';
  return cache !== null && cache.total_size > 0 && cache.bytes_cached >= cache.total_size ? 'done' : 'waiting';
};

export const toneOf: Readonly<Record<TaskState, Tone>> = {
  trouble: 'broken',
  paused: 'waiting',
  active: 'flowing',
  filling: 'flowing',
  done: 'done',
  waiting: 'waiting',
};

/** How much of a task's file is here; undefined where its length is not known. */
export const taskShare = ({ cache, cache_job }: TaskInfo): { readonly done: number; readonly total: number } | undefined => {
  const total = cache_job?.total_bytes || cache?.total_size || 0;
  const done = Math.max(cache_job?.done_bytes ?? 0, cache?.bytes_cached ?? 0);
  return total === 0 ? undefined : { done, total };
};
