/* What `api/events` tells: one interface per event, in the names of the wire. */
import type { CacheInfo, CacheJob, DownloadInfo, Global, SettingsInfo, TaskInfo, UrlHealth } from '../../../src/server/api-types.ts';

/** The whole at a glance, once a second. */
export type GlobalPulse = Omit<Global, 'settings' | 'speed_samples'>;

/** What of a task moves. */
export interface Pulse {
  readonly task_id: string;
  readonly current_speed_bps: number;
  readonly active_connections: number;
  readonly bytes_served: number;
  readonly cache: CacheInfo | null;
  readonly url_health: readonly UrlHealth[];
  readonly cache_job: Pick<CacheJob, 'state' | 'total_bytes' | 'done_bytes' | 'current_speed_bps' | 'threads'> | null;
}

/** One entry of a task's log. */
export interface TaskLogEntry {
  readonly time: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly url?: string;
}

/** Every event with what it carries. */
export interface Messages {
  readonly hello: object;
  /** Some of what happened is lost: everything known is to be asked for again. */
  readonly reset: object;
  readonly sample: { readonly global: GlobalPulse; readonly tasks: readonly Pulse[]; readonly downloads: readonly DownloadInfo[] };
  readonly task: TaskInfo;
  readonly 'task-deleted': { readonly task_id: string };
  readonly fill: { readonly task_id: string; readonly cache_job: CacheJob | null };
  readonly health: { readonly task_id: string; readonly url_health: readonly UrlHealth[] };
  readonly log: { readonly task_id: string; readonly entry: TaskLogEntry };
  readonly settings: SettingsInfo;
  readonly download: DownloadInfo;
  readonly 'download-deleted': { readonly id: string };
}

export type MessageName = keyof Messages;
