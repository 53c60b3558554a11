import { z } from '@hono/zod-openapi';

import { HydrantError } from '../core/errors.ts';
import { parseDigest } from '../digest/digest.ts';
import { downloadSchema } from './api-types.ts';
import type { AddRoutes, ControlPorts } from './control-ports.ts';
import type { Downloads, DownloadWish } from './downloads.ts';
import { json, nothing } from './endpoints.ts';
import { headers, strictly } from './fields.ts';
import { Refusal } from './refusal.ts';
import { truth } from './routes-tasks.ts';
import { sourceFields, volumesIn, withoutSources } from './task-schema.ts';

const outName = z
  .string()
  .max(1024)
  .refine((name) => !/(?:^|[/\\])\.\.(?:[/\\]|$)|^(?:[/\\]|[a-z]:)|\p{Cc}/iu.test(name) && /[^/\\.\s]/.test(name), {
    error: 'is a file name, with folders before it if need be, below the server’s folder',
  });

const checksum = z.string().transform((text, ctx) => {
  try {
    parseDigest(text);
    return text;
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: (error as HydrantError).message });
    return z.NEVER;
  }
});

const priority = z.int().min(-1000).max(1000);

const downloadBody = strictly({
  ...sourceFields,
  task_id: z.string().openapi({ description: 'The sources and headers of this task.' }),
  filename: outName.nullable(),
  headers,
  checksum: checksum.nullable().openapi({ description: '`sha256:HEX` or `sha256-BASE64`.' }),
  priority,
})
  .partial()
  .transform((body, ctx) => ({ ...withoutSources(body), volumes: volumesIn(body, ctx) }));

/** What `body` asks for, with what its task has to say. */
const wishOf = (body: z.output<typeof downloadBody>, { tasks }: ControlPorts): DownloadWish => {
  const { config } = body.task_id === undefined ? { config: undefined } : tasks.get(body.task_id);
  const volumes = body.volumes ?? config?.volumes;
  if (volumes === undefined) throw new HydrantError('OPTION_INVALID', 'there is no source: give task_id, url, urls, uri, uris or volumes');
  if (config?.plugins.some(({ enabled }) => enabled) || config?.host_mappings.some(({ enabled }) => enabled)) {
    throw new HydrantError('OPTION_INVALID', 'task_id: plugins and host mappings do not work on downloads; give its sources as urls');
  }
  return {
    volumes: volumes.map((mirrors) => [...mirrors]),
    headers: { ...config?.headers, ...body.headers },
    out: body.filename ?? config?.output_filename ?? null,
    checksum: body.checksum ?? null,
    priority: body.priority ?? 0,
  };
};

/** Files brought to the server's own disk. */
export const addDownloadRoutes: AddRoutes = (endpoints, ports) => {
  const downloads = (): Downloads => {
    if (ports.downloads !== undefined) return ports.downloads;
    throw new Refusal(403, 'the server writes no files: it was started without --files-dir');
  };
  const one = { path: '/api/downloads/{id}', gives: downloadSchema } as const;

  endpoints.add({ method: 'get', path: '/api/downloads', summary: 'Downloads to the server’s disk', gives: z.array(downloadSchema) }, () =>
    json(downloads().list()),
  );

  endpoints.add(
    { method: 'post', path: '/api/downloads', summary: 'Bring a file to the server’s disk', body: downloadBody, gives: downloadSchema },
    async ({ body }) => {
      const list = downloads();
      return json(await list.add(wishOf(body, ports)));
    },
  );

  endpoints.add({ ...one, method: 'get', summary: 'A download' }, ({ param }) => json(downloads().get(param('id'))));

  endpoints.add(
    { ...one, method: 'patch', summary: 'Change its place in the queue', body: strictly({ priority }) },
    async ({ param, body }) => json(await downloads().prioritise(param('id'), body.priority)),
  );

  endpoints.add(
    {
      method: 'delete',
      path: one.path,
      summary: 'Forget a download, with its files if told so',
      query: z.object({ delete_files: truth }),
    },
    async ({ param, query }) => {
      await downloads().remove(param('id'), { files: query.delete_files });
      return nothing();
    },
  );

  for (const [act, summary] of [
    ['pause', 'Stop it; what came stays'],
    ['resume', 'Let it wait for its turn'],
    ['verify', 'Hold the finished file against its digest or length'],
  ] as const) {
    endpoints.add({ method: 'post', path: `/api/downloads/{id}/${act}`, summary, gives: downloadSchema }, async ({ param }) =>
      json(await downloads()[act](param('id'))),
    );
  }
};
