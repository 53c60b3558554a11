/*
 * How things are, kept by one stream of events: nothing is asked for twice. Lists and single answers are TanStack queries
 * that events make stale; tasks themselves are in one table, whoever brought them.
 */
import { QueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';

import type { Global, TaskInfo } from '../../../src/server/api-types.ts';
import { EventStream } from './event-stream.ts';
import type { GlobalPulse, MessageName, Messages, Pulse } from './messages.ts';
import { appended, TaskTable } from './task-table.ts';
import { useWatched, Watched } from './watched.ts';

/** The last minute of the whole. */
export interface Totals {
  /** Undefined until the server has said. */
  readonly now: GlobalPulse | undefined;
  /** Bytes per second to clients, one a second, the oldest first. */
  readonly out: readonly number[];
  /** The same from sources, for readers and for the cache. */
  readonly into: readonly number[];
}

/** The keys of queries, by what makes them stale. */
export const keys = {
  /** Lists of tasks: made, edited, deleted. */
  lists: ['lists'],
  /** How many tasks are in each state: also when one begins or ends to do something. */
  counts: ['counts'],
  settings: ['settings'],
  downloads: ['downloads'],
  global: ['global'],
  task: (id: string) => ['task', id],
  log: (id: string) => ['log', id],
} as const;

export const queries: QueryClient = new QueryClient({
  defaultOptions: {
    // Events say when something is stale, and whether there is a server.
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** Every task that is known. */
export const tasks: TaskTable = new TaskTable();

const totals = new Watched<Totals>({ now: undefined, out: [], into: [] });
const listeners = new Map<MessageName, Set<(data: never) => void>>();
const soon = 100;
const pause = 1_500;
const stale = new Set<'lists' | 'counts'>();
let busy = '';

let swept = -pause;

/** Lists are asked for again soon, and at most every second and a half, whatever happens. */
const grewStale = (...which: readonly ('lists' | 'counts')[]): void => {
  const isFirst = stale.size === 0;
  for (const name of which) stale.add(name);
  if (!isFirst) return;
  const now = performance.now();
  setTimeout(
    () => {
      swept = performance.now();
      for (const name of stale) void queries.invalidateQueries({ queryKey: keys[name] });
      stale.clear();
    },
    Math.max(soon, swept + pause - now),
  );
};

const heardTask = (task: TaskInfo): void => {
  const known = tasks.get(task.task_id);
  tasks.put(task);
  queries.setQueryData(keys.task(task.task_id), task);
  if (known?.updated_at !== task.updated_at) grewStale('lists');
  grewStale('counts');
};

const heardSample = ({ global, tasks: pulses }: Messages['sample']): void => {
  const { out, into } = totals.value;
  totals.set({
    now: global,
    out: appended(out, global.current_speed_bps),
    into: appended(into, global.fetch_speed_bps),
  });
  for (const pulse of pulses) tasks.pulse(pulse);
  const now = pulses.map(doing).join();
  if (now !== busy) grewStale('counts');
  busy = now;
};

const doing = ({ task_id, active_connections, cache_job }: Pulse): string =>
  `${task_id} ${active_connections > 0} ${cache_job?.state ?? ''}`;

const stream = new EventStream({
  hello: () => void queries.invalidateQueries({ predicate: ({ state }) => state.dataUpdatedAt > 0 }),
  reset: () => {
    tasks.forget();
    void queries.invalidateQueries();
    tell('reset', {});
  },
  sample: (data) => {
    heardSample(data);
    tell('sample', data);
  },
  task: heardTask,
  'task-deleted': ({ task_id }) => {
    tasks.remove(task_id);
    queries.removeQueries({ queryKey: keys.task(task_id) });
    grewStale('lists', 'counts');
    tell('task-deleted', { task_id });
  },
  fill: ({ task_id, cache_job }) => {
    tasks.change(task_id, () => ({ cache_job }));
    grewStale('counts');
  },
  health: ({ task_id, url_health }) => {
    tasks.change(task_id, () => ({ url_health: [...url_health] }));
    grewStale('counts');
  },
  log: (data) => tell('log', data),
  settings: (settings) => void queries.setQueryData(keys.settings, settings),
  download: (data) => {
    void queries.invalidateQueries({ queryKey: keys.downloads });
    tell('download', data);
  },
  'download-deleted': (data) => {
    void queries.invalidateQueries({ queryKey: keys.downloads });
    tell('download-deleted', data);
  },
});

const tell = <Name extends MessageName>(name: Name, data: Messages[Name]): void => {
  for (const listener of listeners.get(name) ?? []) (listener as (data: Messages[Name]) => void)(data);
};

/** Listens to the server until the returned function is called. */
export const openLive = (): (() => void) => stream.open();

/** Looks for the server at once. */
export const retryNow = (): void => stream.retry();

/** Calls `heard` for every such event; the returned function ends that. For logs, samples and what is gone. */
export const listen = <Name extends 'reset' | 'sample' | 'log' | 'task-deleted' | 'download' | 'download-deleted'>(
  name: Name,
  heard: (data: Messages[Name]) => void,
): (() => void) => {
  const heards = listeners.get(name) ?? new Set();
  listeners.set(name, heards.add(heard));
  return () => heards.delete(heard);
};

/** What `api/global` said is where the curves begin. */
export const beginTotals = ({ settings: _, speed_samples, ...now }: Global): void => {
  const { into } = totals.value;
  totals.set({ now, out: speed_samples, into });
};

export const useConnection = (): 'connecting' | 'live' | 'offline' => useWatched(stream.connection);

export const useTotals = (): Totals => useWatched(totals);

/** Task `id` as it is now; undefined where the page has not heard of it. */
export const useTask = (id: string): TaskInfo | undefined =>
  useSyncExternalStore(
    useCallback((heard) => tasks.watch(id, heard), [id]),
    () => tasks.get(id),
  );
