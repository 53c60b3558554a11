/*
 * The tasks there are. A change is checked, then kept, and only then seen by anybody; changes of one task happen one after
 * the other, those of several share what the disk does.
 */
import { HydrantError } from '../core/errors.ts';
import type { Clock, Keeping, TaskStore } from '../core/ports.ts';
import type { Live, LiveTask } from './live.ts';
import { reasonOf } from './reason-of.ts';
import type { TaskConfig } from './task-config.ts';
import { isId, newId } from './task-id.ts';
import { noOthers, readRecord, recordValue, type TaskRecord } from './task-record.ts';
import type { TaskPatch } from './task-schema.ts';
import { Turns } from './turns.ts';

/** A task and its running side. */
export interface Task extends TaskRecord {
  readonly live: LiveTask;
}

/** What happened to a task. */
export type TaskChange = 'created' | 'updated' | 'deleted';

export interface TasksOptions {
  readonly store: TaskStore;
  readonly live: Live;
  readonly clock: Pick<Clock, 'wall'>;
  /** Ids that nobody can guess. */
  readonly longIds?: boolean;
  /** The most tasks; 100,000 unless told otherwise. */
  readonly most?: number;
  /** Is told what went wrong where nobody asked. */
  readonly note?: (message: string) => void;
}

/** What an import knows of a task beside its config. */
export interface TaskFacts {
  readonly id?: string;
  readonly createdAt?: number;
  readonly paused?: boolean;
}

export class Tasks {
  readonly #options: Required<TasksOptions>;
  readonly #tasks = new Map<string, Task>();
  readonly #turns = new Turns();
  readonly #watchers = new Set<(id: string, change: TaskChange) => void>();
  /** By last edit, the newest first, but for those that have changed since. */
  #sorted: readonly Task[] = [];
  readonly #unsorted = new Set<string>();

  /** The tasks that `store` keeps. One that can't be understood is noted and stays kept as it is. */
  constructor({ longIds = false, most = 100_000, note = () => undefined, ...ports }: TasksOptions) {
    this.#options = { ...ports, longIds, most, note };
    for (const [id, value] of ports.store.kept('task')) {
      try {
        const record = readRecord(id, value);
        this.#tasks.set(id, { ...record, live: ports.live.task(id, record.config) });
        this.#unsorted.add(id);
      } catch (error) {
        if (!(error instanceof HydrantError)) throw error;
        note(`the task ${id} is left out, and stays in the state file: ${error.message}`);
      }
    }
  }

  get count(): number {
    return this.#tasks.size;
  }

  /** Throws TASK_UNKNOWN. */
  get(id: string): Task {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new HydrantError('TASK_UNKNOWN', `task not found: ${shown(id)}`);
    return task;
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** All tasks, the last edited first, then by id. */
  list(): readonly Task[] {
    if (this.#unsorted.size > 0) {
      const changed = [...this.#unsorted].flatMap((id) => this.#tasks.get(id) ?? []).sort(byEdit);
      const others = this.#sorted.filter(({ id }) => !this.#unsorted.has(id));
      this.#sorted = merged(changed, others);
      this.#unsorted.clear();
    }
    return this.#sorted;
  }

  /** Calls `seen` after every change; the returned function ends that. */
  watch(seen: (id: string, change: TaskChange) => void): () => void {
    this.#watchers.add(seen);
    return () => this.#watchers.delete(seen);
  }

  /** Throws OPTION_INVALID where no task can be made of `config`. */
  check(config: TaskConfig): void {
    this.#options.live.check(config);
  }

  /** A new task; the id of `facts` is used where it can be. Rejects with OPTION_INVALID, DISK_FULL or STORE_FAILED. */
  async create(config: TaskConfig, facts: TaskFacts = {}): Promise<Task> {
    const { live, most, clock } = this.#options;
    live.check(config);
    if (this.#tasks.size >= most) throw new HydrantError('OPTION_INVALID', `there are ${most} tasks already`);
    const now = Math.floor(clock.wall() / 1000);
    const id = this.#freeId(facts.id);
    const { createdAt = now, paused = false } = facts;
    return await this.#turns.take(id, async () => {
      const record = { id, config, createdAt, updatedAt: now, paused, others: noOthers };
      await this.#keep(record);
      return this.#put({ ...record, live: live.task(id, config) }, 'created');
    });
  }

  /** Changes what `patch` has: all of it or nothing. Rejects with TASK_UNKNOWN, OPTION_INVALID, DISK_FULL or STORE_FAILED. */
  edit(id: string, patch: TaskPatch): Promise<Task> {
    return this.#turns.take(id, async () => {
      const { live, clock, note } = this.#options;
      const task = this.get(id);
      const config = { ...task.config, ...patch };
      live.check(config);
      const next = { ...task, config, updatedAt: Math.max(task.updatedAt, Math.floor(clock.wall() / 1000)) };
      await this.#keep(next);
      this.#put(next, 'updated');
      await task.live
        .update(config)
        .catch((error: unknown) => note(`the change of task ${id} is kept but not yet at work: ${reasonOf(error)}`));
      return next;
    });
  }

  /** Lets new streams wait, or go on. */
  pause(id: string, paused: boolean): Promise<Task> {
    return this.#turns.take(id, async () => {
      const task = this.get(id);
      if (task.paused === paused) return task;
      const next = { ...task, paused };
      await this.#keep(next);
      return this.#put(next, 'updated');
    });
  }

  /** Removes a task; streams that run go on. `clear`: with what the cache holds of its file. */
  remove(id: string, { clear = false } = {}): Promise<void> {
    return this.#turns.take(id, async () => {
      const task = this.get(id);
      await this.#options.store.commit([
        { kind: 'task', key: id, value: undefined },
        { kind: 'fill', key: id, value: undefined },
      ]);
      this.#tasks.delete(id);
      this.#told(id, 'deleted');
      if (clear) await task.live.clearCache();
      await task.live.close(false);
    });
  }

  async #keep(record: TaskRecord): Promise<void> {
    const { id, config } = record;
    const change: Keeping = { kind: 'task', key: id, value: config.persist ? recordValue(record) : undefined };
    await this.#options.store.commit([change]);
  }

  #put(task: Task, change: TaskChange): Task {
    this.#tasks.set(task.id, task);
    this.#told(task.id, change);
    return task;
  }

  #told(id: string, change: TaskChange): void {
    this.#unsorted.add(id);
    for (const seen of this.#watchers) seen(id, change);
  }

  #freeId(wanted: string | undefined): string {
    const { store, longIds } = this.#options;
    const free = (id: string): boolean => !this.#tasks.has(id) && !store.kept('task').has(id);
    if (wanted !== undefined && isId(wanted, longIds) && free(wanted)) return wanted;
    for (;;) {
      const id = newId(longIds);
      if (free(id)) return id;
    }
  }
}

const byEdit = (a: Task, b: Task): number => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1);

/** Two sorted lists as one. */
const merged = (some: readonly Task[], others: readonly Task[]): readonly Task[] => {
  const all: Task[] = [];
  let next = 0;
  for (const task of others) {
    for (let one = some[next]; one !== undefined && byEdit(one, task) < 0; one = some[++next]) all.push(one);
    all.push(task);
  }
  return all.concat(some.slice(next));
};

const shown = (id: string): string => (/^[\w-]{1,64}$/.test(id) ? id : JSON.stringify(id.slice(0, 64)));
