import type { TaskInfo } from '../../../src/server/api-types.ts';
import type { Pulse } from './messages.ts';

const samples = 60;

/** Every task that the page has heard of, as it is now. Who shows one watches that one alone. */
export class TaskTable {
  readonly #tasks = new Map<string, TaskInfo>();
  readonly #watchers = new Map<string, Set<() => void>>();

  get(id: string): TaskInfo | undefined {
    return this.#tasks.get(id);
  }

  put(task: TaskInfo): void {
    this.#tasks.set(task.task_id, task);
    this.#tell(task.task_id);
  }

  /** Applies `change` to a task that is known. */
  change(id: string, change: (task: TaskInfo) => Partial<TaskInfo>): void {
    const task = this.#tasks.get(id);
    if (task !== undefined) this.put({ ...task, ...change(task) });
  }

  /** Takes up what moved in the last second. */
  pulse({ task_id, cache_job, url_health, ...moved }: Pulse): void {
    this.change(task_id, (task) => ({
      ...moved,
      url_health: [...url_health],
      speed_samples: appended(task.speed_samples, moved.current_speed_bps),
      cache_job: cache_job && {
        error: null,
        active_readers: 0,
        bitmap_summary: [],
        ...task.cache_job,
        ...cache_job,
        speed_samples: appended(task.cache_job?.speed_samples ?? [], cache_job.current_speed_bps),
      },
    }));
  }

  remove(id: string): void {
    if (this.#tasks.delete(id)) this.#tell(id);
  }

  /** Forgets all tasks that nobody watches. */
  forget(): void {
    for (const id of this.#tasks.keys()) if (!this.#watchers.has(id)) this.#tasks.delete(id);
  }

  /** Calls `tell` after every change of task `id`; the returned function ends that. */
  watch(id: string, tell: () => void): () => void {
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(tell));
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0) this.#watchers.delete(id);
    };
  }

  #tell(id: string): void {
    for (const tell of this.#watchers.get(id) ?? []) tell();
  }
}

/** `values` and `value` after them, the last 60. */
export const appended = (values: readonly number[], value: number): readonly number[] => [...values.slice(1 - samples), value];
