import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api } from '../data/api.ts';
import { keys, listen, queries } from '../data/live.ts';
import type { TaskLogEntry } from '../data/messages.ts';

/** As many as the server keeps. */
const most = 100;

/** The last events of task `id`, the oldest first, and those that come. */
export const useLog = (id: string): UseQueryResult<readonly TaskLogEntry[]> => {
  useEffect(
    () =>
      listen('log', ({ task_id, entry }) => {
        if (task_id !== id) return;
        queries.setQueryData<readonly TaskLogEntry[]>(keys.log(id), (before) => before && [...before.slice(1 - most), entry]);
      }),
    [id],
  );
  return useQuery({ queryKey: keys.log(id), queryFn: ({ signal }) => api.log(id, signal) });
};
