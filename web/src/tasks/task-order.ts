import type { TaskInfo } from '../../../src/server/api-types.ts';
import { taskName, taskShare } from './task-name.ts';

/** By what tasks are sorted; `edited` is as the server lists them. */
export type Sort = 'edited' | 'activity' | 'name' | 'size' | 'share' | 'created';

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** `ids` sorted by `sort`; those that are alike stay as they are. */
export const sorted = (ids: readonly string[], sort: Sort, taskOf: (id: string) => TaskInfo | undefined): readonly string[] => {
  if (sort === 'edited') return ids;
  const all = ids.map((id) => ({ id, task: taskOf(id) }));
  if (sort === 'name') {
    const named = all.map(({ id, task }) => ({ id, name: task === undefined ? id : taskName(task) }));
    return named.sort((a, b) => names.compare(a.name, b.name)).map(({ id }) => id);
  }
  const weighed = all.map(({ id, task }) => ({ id, weight: task === undefined ? -1 : weights[sort](task) }));
  return weighed.sort((a, b) => b.weight - a.weight).map(({ id }) => id);
};

const weights: Readonly<Record<Exclude<Sort, 'edited' | 'name'>, (task: TaskInfo) => number>> = {
  // Who is served counts before what is only filled.
  activity: ({ active_connections, current_speed_bps, cache_job }) =>
    (active_connections > 0 ? 1e15 : 0) + current_speed_bps + (cache_job?.state === 'running' ? 1 + cache_job.current_speed_bps : 0),
  size: (task) => taskShare(task)?.total ?? -1,
  share: (task) => {
    const share = taskShare(task);
    return share === undefined ? -1 : share.done / share.total;
  },
  created: ({ created_at }) => created_at,
};

/** How many of `to` are elsewhere than in `from`. */
export const movedBetween = (from: readonly string[], to: readonly string[]): number =>
  to.reduce((moved, id, index) => (from[index] === id ? moved : moved + 1), 0);

/** Whether both have the same ids, in whatever order. */
export const sameSet = (one: readonly string[], other: readonly string[]): boolean => {
  if (one.length !== other.length) return false;
  const ids = new Set(one);
  return other.every((id) => ids.has(id));
};
