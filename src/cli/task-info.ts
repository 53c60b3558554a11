/** What the server says of a task, as far as it is shown. The wire's names stay. */
export interface TaskInfo {
  readonly task_id: string;
  readonly proxy_url: string;
  readonly config: {
    readonly name?: string | null;
    readonly output_filename?: string | null;
    readonly volumes: readonly (readonly string[])[];
    readonly max_threads?: number | null;
    readonly rate_limit_bps?: number;
    readonly cache?: boolean;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly paused: boolean;
  readonly bytes_served: number;
  readonly active_connections: number;
  readonly current_speed_bps: number;
  readonly cache: { readonly total_size: number; readonly bytes_cached: number } | null;
  readonly url_health: readonly SourceInfo[];
  readonly cache_job: FillInfo | null;
}

interface SourceInfo {
  readonly url: string;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly bytes_contributed: number;
  readonly current_speed_bps: number;
}

interface FillInfo {
  readonly state: string;
  readonly error: string | null;
  readonly total_bytes: number;
  readonly done_bytes: number;
  readonly current_speed_bps: number;
}

/** `value` as what it is said to be; undefined where it is not even like that. */
export const asTask = (value: unknown): TaskInfo | undefined => {
  const task = value as Partial<TaskInfo> | null;
  return typeof task === 'object' && typeof task?.task_id === 'string' && Array.isArray(task.config?.volumes)
    ? (task as TaskInfo)
    : undefined;
};
