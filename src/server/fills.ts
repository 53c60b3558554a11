import { HydrantError } from '../core/errors.ts';
import type { TaskStore } from '../core/ports.ts';
import type { Live } from './live.ts';
import { reasonOf } from './reason-of.ts';
import { threadsOf } from './task-schema.ts';
import type { Task, Tasks } from './tasks.ts';
import { Turns } from './turns.ts';

/** How many are begun at once after a restart. */
const atOnce = 4;

/** Bringing whole files into the cache: begun, stopped, and begun again after a restart. */
export class Fills {
  readonly #store: TaskStore;
  readonly #tasks: Tasks;
  readonly #turns = new Turns();
  readonly #note: (message: string) => void;
  readonly #unwatch: () => void;

  constructor(store: TaskStore, tasks: Tasks, live: Live, note: (message: string) => void) {
    this.#store = store;
    this.#tasks = tasks;
    this.#note = note;
    this.#unwatch = live.watch(({ kind, task }) => {
      if (kind === 'fill' && task !== undefined) void this.#follow(task);
    });
  }

  /** Goes on with what ran when the server ended. Resolves when all of them run or have failed. */
  async restore(): Promise<void> {
    const running = [...this.#store.kept('fill')].filter(([, value]) => (value as { was_running?: unknown }).was_running === true);
    const waiting = running.values();
    const worker = async (): Promise<void> => {
      for (const [id] of waiting) {
        const begun = this.#tasks.find(id)?.live.startFill();
        await begun?.catch((error: unknown) => this.#note(`the cache of task ${id} could not be filled on: ${reasonOf(error)}`));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  /** Begins or goes on; what was begun twice runs once. Rejects where the sources don't let it. */
  start(id: string): Promise<Task> {
    return this.#turns.take(id, async () => {
      const task = this.#tasks.get(id);
      await task.live.startFill();
      if (task.live.fill?.state === 'running') await this.#keep(task, true);
      return this.#tasks.find(id) ?? task;
    });
  }

  /** Stops at once, also what is only beginning. Rejects with TASK_UNKNOWN where there is no such fill. */
  async pause(id: string): Promise<Task> {
    this.#tasks.get(id).live.pauseFill();
    return await this.#turns.take(id, async () => {
      const task = this.#tasks.get(id);
      task.live.pauseFill();
      await this.#keep(task, false);
      return task;
    });
  }

  /** Stops it, and forgets what the cache holds of the file. */
  clear(id: string): Promise<void> {
    return this.#turns.take(id, async () => {
      const task = this.#tasks.get(id);
      if (task.live.fill?.state === 'running') task.live.pauseFill();
      await this.#forget(id);
      await task.live.clearCache();
    });
  }

  close(): void {
    this.#unwatch();
  }

  async #follow(id: string): Promise<void> {
    const ended = () => ['done', 'failed'].includes(this.#tasks.find(id)?.live.fill?.state ?? '');
    if (!ended() || !this.#store.kept('fill').has(id)) return;
    await this.#turns
      .take(id, async () => {
        if (ended()) await this.#forget(id);
      })
      .catch((error: unknown) => this.#note(`that the cache of task ${id} is filled could not be kept: ${reasonOf(error)}`));
  }

  async #forget(id: string): Promise<void> {
    if (this.#store.kept('fill').has(id)) await this.#store.commit([{ kind: 'fill', key: id, value: undefined }]);
  }

  async #keep({ id, config }: Task, running: boolean): Promise<void> {
    if (!config.persist || this.#tasks.find(id) === undefined) return;
    // The ancestor's row; the names it leaves empty belonged to something it no longer has.
    const value = { task_id: id, out_dir: '', filename: '', threads: threadsOf(config), was_running: running };
    await this.#store.commit([{ kind: 'fill', key: id, value }]);
  }
}

/** The fill of `task`. Throws TASK_UNKNOWN where there is none. */
export const fillOf = ({ id, live }: Task): NonNullable<Task['live']['fill']> => {
  if (live.fill === null) throw new HydrantError('TASK_UNKNOWN', `task ${id} fills no cache`);
  return live.fill;
};
