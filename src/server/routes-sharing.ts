import { z } from '@hono/zod-openapi';

import { type LinkInfo, linkSchema, taskEventSchema, wireConfigSchema } from './api-types.ts';
import { type AddRoutes, baseOf } from './control-ports.ts';
import { json, nothing } from './endpoints.ts';
import { rate, size, strictly } from './fields.ts';
import { checkImport, importInto } from './import-tasks.ts';
import { bodyText } from './request-body.ts';
import { truth } from './routes-tasks.ts';
import { proxyUrl, wireConfig } from './task-info.ts';

/** An export of many tasks is longer than any other body. */
const longestImport = 32 * 1_048_576;
const day = 86_400;
const longestLink = 3650 * day;

const linkBody = strictly({
  expires_in: z.int().min(1).max(longestLink).openapi({ description: 'Seconds; a day unless told otherwise.' }),
  max_bytes: size.nullable().openapi({ description: 'Bytes in all that may be taken by the link; null and 0: any.' }),
  rate_limit_bps: rate,
}).partial();

const exportSchema = z.object({
  settings: z.unknown(),
  tasks: z.array(z.object({ id: z.string(), config: wireConfigSchema, created_at: z.int(), updated_at: z.int(), paused: z.boolean() })),
});

const importedSchema = z.object({
  kind: z.string(),
  created: z.array(z.object({ task_id: z.string(), proxy_url: z.string() })),
  refused: z.array(z.object({ index: z.int(), error: z.string() })),
  skipped: z.int(),
  notes: z.array(z.string()),
});

const checkedSchema = z.object({
  kind: z.string().nullable(),
  tasks: z.array(wireConfigSchema.partial().extend({ max_threads: z.int().nullable().optional() })),
  refused: z.array(z.object({ index: z.int(), error: z.string() })),
  skipped: z.int(),
  notes: z.array(z.string()),
});

/** Tasks in and out of the server, links to them, and what happened to them. */
export const addSharingRoutes: AddRoutes = (endpoints, ports) => {
  const { tasks, settings, links, clock } = ports;

  endpoints.add(
    { method: 'get', path: '/api/tasks/export', summary: 'All tasks and the settings, to be imported again', gives: exportSchema },
    () =>
      json(
        {
          settings: settings.current,
          tasks: tasks.list().map(({ id, config, createdAt, updatedAt, paused }) => ({
            id,
            config: wireConfig(config),
            created_at: createdAt,
            updated_at: updatedAt,
            paused,
          })),
        },
        { 'Content-Disposition': 'attachment; filename="hydrant-tasks.json"' },
      ),
  );

  endpoints.add(
    {
      method: 'post',
      path: '/api/tasks/import',
      summary: 'Make the tasks in JSON, Metalink, an aria2 input file, curl command lines or a list of URLs',
      query: z.object({ settings: truth }),
      takes: ['application/json', 'application/metalink4+xml', 'application/metalink+xml', 'text/plain'],
      gives: importedSchema,
    },
    async ({ request, query }) => {
      const text = await bodyText(request, longestImport);
      const { created, ...rest } = await importInto(tasks, text, query.settings ? settings : undefined);
      const base = baseOf(request, ports);
      return json({ ...rest, created: created.map(({ id }) => ({ task_id: id, proxy_url: proxyUrl(id, base) })) });
    },
  );

  endpoints.add(
    {
      method: 'post',
      path: '/api/tasks/import/check',
      summary: 'What an import would make and what it would refuse; makes nothing',
      takes: ['application/json', 'application/metalink4+xml', 'application/metalink+xml', 'text/plain'],
      gives: checkedSchema,
    },
    async ({ request }) => json(checkImport(tasks, await bodyText(request, longestImport))),
  );

  endpoints.add(
    {
      method: 'post',
      path: '/api/tasks/{id}/links',
      summary: 'A link to the task’s file that ends by itself',
      body: linkBody,
      optional: true,
      gives: linkSchema,
    },
    ({ request, param, body }) => {
      const expiresAt = Math.floor(clock.wall() / 1000) + (body.expires_in ?? day);
      const terms = { expiresAt, maxBytes: body.max_bytes || null, rate: body.rate_limit_bps ?? 0 };
      const token = links.issue(param('id'), terms);
      return json<LinkInfo>({
        url: `${baseOf(request, ports)}/s/${token}`,
        token,
        expires_at: expiresAt,
        max_bytes: terms.maxBytes,
        rate_limit_bps: terms.rate,
      });
    },
  );

  endpoints.add({ method: 'delete', path: '/api/links', summary: 'Make every link that was ever given worthless' }, async () => {
    await links.revokeAll();
    return nothing();
  });

  endpoints.add(
    {
      method: 'get',
      path: '/api/tasks/{id}/log',
      summary: 'The last hundred events of a task, the oldest first',
      gives: z.array(taskEventSchema),
    },
    ({ param }) => json(tasks.get(param('id')).live.log),
  );
};
