import { z } from '@hono/zod-openapi';

import { taskInfoSchema, taskPageSchema } from './api-types.ts';
import { type AddRoutes, baseOf } from './control-ports.ts';
import { json, nothing } from './endpoints.ts';
import { pageOf } from './listing.ts';
import { reasonOf } from './reason-of.ts';
import { proxyUrl, taskInfo, wireConfig } from './task-info.ts';
import { patchBody, taskBody } from './task-schema.ts';

/** In a query: given, and not one of `0 false no off`. */
export const truth = z
  .string()
  .optional()
  .transform((text) => text !== undefined && !['0', 'false', 'no', 'off'].includes(text.toLowerCase()))
  .openapi({ type: 'string', description: 'On where given, unless 0, false, no or off.' });

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional().openapi({ type: 'integer', minimum: 1, maximum: 1000 }),
  cursor: z.string().max(200).optional(),
  q: z.string().max(1000).optional().openapi({ description: 'Part of a name, an id or a URL.' }),
  state: z.enum(['active', 'filling', 'paused', 'trouble']).optional(),
});

const created = z.object({
  task_id: z.string(),
  proxy_url: z.string(),
  cache_started: z.boolean().optional(),
  cache_error: z.string().optional(),
});

/** Tasks: list, make, look at, edit, pause, remove. */
export const addTaskRoutes: AddRoutes = (endpoints, ports) => {
  const { tasks, fills } = ports;

  endpoints.add(
    {
      method: 'get',
      path: '/api/tasks',
      summary: 'All tasks, the last edited first; with a query, a page of those it finds',
      query: listQuery,
      gives: z.union([z.array(taskInfoSchema), taskPageSchema]),
    },
    ({ request, query }) => {
      const base = baseOf(request, ports);
      if (Object.values(query).every((value) => value === undefined)) return json(tasks.list().map((task) => taskInfo(task, base)));
      const { next, matched, counts, ...page } = pageOf(tasks.list(), { ...query, limit: query.limit ?? 100 });
      return json({ tasks: page.tasks.map((task) => taskInfo(task, base)), next_cursor: next, matched, counts });
    },
  );

  endpoints.add(
    {
      method: 'post',
      path: '/api/tasks',
      summary: 'Make a task',
      query: z.object({ start_cache: truth }),
      body: taskBody,
      gives: created,
    },
    async ({ request, query, body }) => {
      const { id } = await tasks.create(body.config);
      const made = { task_id: id, proxy_url: proxyUrl(id, baseOf(request, ports)) };
      if (!body.startCache && !query.start_cache) return json(made);
      try {
        await fills.start(id);
        return json({ ...made, cache_started: true });
      } catch (error) {
        return json({ ...made, cache_started: false, cache_error: reasonOf(error) });
      }
    },
  );

  const one = { path: '/api/tasks/{id}', gives: taskInfoSchema } as const;
  endpoints.add({ ...one, method: 'get', summary: 'A task' }, ({ request, param }) =>
    json(taskInfo(tasks.get(param('id')), baseOf(request, ports))),
  );

  endpoints.add(
    { ...one, method: 'patch', summary: 'Change what is given of a task; all of it or nothing', body: patchBody },
    async ({ request, param, body }) => json(taskInfo(await tasks.edit(param('id'), body), baseOf(request, ports))),
  );

  endpoints.add(
    {
      method: 'delete',
      path: '/api/tasks/{id}',
      summary: 'Remove a task; streams that run go on',
      query: z.object({ clear_cache: truth }),
    },
    async ({ param, query }) => {
      await tasks.remove(param('id'), { clear: query.clear_cache });
      return nothing();
    },
  );

  for (const [act, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    const summary = paused ? 'Let new streams wait' : 'Let new streams begin';
    endpoints.add({ method: 'post', path: `/api/tasks/{id}/${act}`, summary, gives: taskInfoSchema }, async ({ request, param }) =>
      json(taskInfo(await tasks.pause(param('id'), paused), baseOf(request, ports))),
    );
  }

  endpoints.add(
    { method: 'get', path: '/api/tasks/{id}/export', summary: 'The config of a task, to be posted again', gives: one.gives.shape.config },
    ({ param }) => {
      const { id, config } = tasks.get(param('id'));
      return new Response(JSON.stringify(wireConfig(config), null, 2), {
        headers: { 'Content-Type': 'application/json', 'Content-Disposition': `attachment; filename="hydraria-task-${id}.json"` },
      });
    },
  );
};
