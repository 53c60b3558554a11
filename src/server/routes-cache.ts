import { z } from '@hono/zod-openapi';

import { cacheJobSchema } from './api-types.ts';
import type { AddRoutes } from './control-ports.ts';
import { json, nothing } from './endpoints.ts';
import { fillOf } from './fills.ts';
import { cacheJob } from './task-info.ts';
import type { Task } from './tasks.ts';

/** What the cache holds of tasks. */
export const addCacheRoutes: AddRoutes = (endpoints, { fills, live }) => {
  const job = (task: Task): Response => json(cacheJob(fillOf(task), task.live));

  endpoints.add(
    { method: 'post', path: '/api/tasks/{id}/cache', summary: 'Bring the whole file into the cache, or go on', gives: cacheJobSchema },
    async ({ param }) => job(await fills.start(param('id'))),
  );

  endpoints.add(
    { method: 'post', path: '/api/tasks/{id}/cache/pause', summary: 'Stop that; what came stays', gives: cacheJobSchema },
    async ({ param }) => job(await fills.pause(param('id'))),
  );

  endpoints.add(
    { method: 'delete', path: '/api/tasks/{id}/cache', summary: 'Forget what the cache holds of a task’s file' },
    async ({ param }) => {
      await fills.clear(param('id'));
      return nothing();
    },
  );

  endpoints.add(
    {
      method: 'delete',
      path: '/api/cache',
      summary: 'Empty the cache but for what is being read',
      gives: z.object({ bytes_freed: z.int() }),
    },
    async () => json({ bytes_freed: await live.clearCache() }),
  );
};
