import { HydrantError } from '../core/errors.ts';
import type { StateCounts } from './api-types.ts';
import type { TaskConfig } from './task-config.ts';
import type { Task } from './tasks.ts';

/** What a task may be doing; it may do several. */
export type TaskState = 'active' | 'filling' | 'paused' | 'trouble';

/** What of the tasks is asked for. */
export interface Query {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Part of a name, an id or a URL, in any case. */
  readonly q?: string | undefined;
  readonly state?: TaskState | undefined;
}

export interface Page {
  readonly tasks: readonly Task[];
  /** Where the next page begins; null where there is none. */
  readonly next: string | null;
  readonly matched: number;
  /** How many of all tasks that `q` finds are in each state. */
  readonly counts: StateCounts;
}

const is: Readonly<Record<TaskState, (task: Task) => boolean>> = {
  active: ({ live }) => live.activeConnections > 0,
  filling: ({ live }) => live.fill?.state === 'running',
  paused: ({ paused }) => paused,
  trouble: ({ live }) => live.trouble,
};

/** A page of `all`, which are the last edited first, then by id. A task that nobody edits meanwhile is on one page, never on two. */
export const pageOf = (all: readonly Task[], { limit, cursor, q = '', state }: Query): Page => {
  const words = q.trim().toLowerCase();
  const found = words === '' ? all : all.filter((task) => textOf(task).includes(words));
  const counts = { all: found.length, active: 0, filling: 0, paused: 0, trouble: 0 };
  const matching: Task[] = [];
  for (const task of found) {
    for (const name of ['active', 'filling', 'paused', 'trouble'] as const) {
      if (!is[name](task)) continue;
      counts[name]++;
      if (name === state) matching.push(task);
    }
  }
  const listed = state === undefined ? found : matching;
  const start = cursor === undefined ? 0 : firstAfter(listed, readCursor(cursor));
  const tasks = listed.slice(start, start + limit);
  const last = tasks.at(-1);
  return { tasks, next: last === undefined || start + limit >= listed.length ? null : cursorOf(last), matched: listed.length, counts };
};

type Place = Pick<Task, 'id' | 'updatedAt'>;

const cursorOf = ({ id, updatedAt }: Place): string => Buffer.from(`${updatedAt} ${id}`).toString('base64url');

const readCursor = (cursor: string): Place => {
  const [, updatedAt, id] = /^(\d{1,15}) ([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined) throw new HydrantError('OPTION_INVALID', 'cursor: is none that this server gave');
  return { updatedAt: Number(updatedAt), id };
};

const comesAfter = (task: Place, place: Place): boolean =>
  task.updatedAt < place.updatedAt || (task.updatedAt === place.updatedAt && task.id > place.id);

const firstAfter = (tasks: readonly Task[], place: Place): number => {
  const at = tasks.findIndex((task) => comesAfter(task, place));
  return at < 0 ? tasks.length : at;
};

const texts = new WeakMap<TaskConfig, string>();

/** What a search looks through. */
const textOf = ({ id, config }: Task): string => {
  const known = texts.get(config);
  if (known !== undefined) return known;
  const text = [id, config.name ?? '', config.output_filename ?? '', ...config.volumes.flat()].join('\n').toLowerCase();
  texts.set(config, text);
  return text;
};
