import { type UseQueryResult, useInfiniteQuery, useQuery } from '@tanstack/react-query';

import type { SettingsInfo, StateCounts, TaskInfo } from '../../../src/server/api-types.ts';
import { api, type TaskQuery } from './api.ts';
import { beginTotals, keys, tasks } from './live.ts';

/** A list of tasks by their ids; what they are is in the table (`useTask`). */
export interface TaskList {
  readonly ids: readonly string[];
  /** How many there are, loaded or not. */
  readonly matched: number;
}

/** The tasks that `asked` finds, page by page; `fetchNextPage` brings more. */
export const useTaskList = (asked: Pick<TaskQuery, 'q' | 'state' | 'limit'>) =>
  useInfiniteQuery({
    queryKey: [...keys.lists, asked],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const page = await api.tasks({ ...asked, cursor: pageParam }, signal);
      for (const task of page.tasks) tasks.put(task);
      return { ids: page.tasks.map(({ task_id }) => task_id), matched: page.matched, next: page.next_cursor };
    },
    getNextPageParam: ({ next }) => next,
    select: ({ pages }): TaskList => ({ ids: [...new Set(pages.flatMap(({ ids }) => ids))], matched: pages.at(-1)?.matched ?? 0 }),
    placeholderData: (before) => before,
  });

/** How many of the tasks that `q` finds are in each state. */
export const useCounts = (q = ''): UseQueryResult<StateCounts> =>
  useQuery({
    queryKey: [...keys.counts, q],
    queryFn: async ({ signal }) => (await api.tasks({ q, limit: 1 }, signal)).counts,
    placeholderData: (before) => before,
  });

/** Brings task `id` into the table; read it with `useTask`. */
export const useTaskQuery = (id: string): UseQueryResult<TaskInfo> =>
  useQuery({
    queryKey: keys.task(id),
    queryFn: async ({ signal }) => {
      const task = await api.task(id, signal);
      tasks.put(task);
      return task;
    },
  });

export const useSettings = (): UseQueryResult<SettingsInfo> =>
  useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => api.settings(signal) });

/** Begins the curves of the whole. */
export const useGlobal = () =>
  useQuery({
    queryKey: keys.global,
    queryFn: async ({ signal }) => {
      const global = await api.global(signal);
      beginTotals(global);
      return global;
    },
  });
