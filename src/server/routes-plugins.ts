import { z } from '@hono/zod-openapi';

import { HydrantError } from '../core/errors.ts';
import { checkFilterGlobal, describeFilter, describeFilters } from '../filter/catalogue.ts';
import { forward } from '../filter/forward.ts';
import type { ForwardRequest } from '../filter/forward-params.ts';
import type { AddRoutes } from './control-ports.ts';
import { json } from './endpoints.ts';
import { strictly } from './fields.ts';
import { Refusal } from './refusal.ts';
import { textStream } from './text-stream.ts';

const field = z.looseObject({ key: z.string(), label: z.string(), kind: z.string(), required: z.boolean() });
const plugin = z
  .looseObject({ id: z.string(), name: z.string(), description: z.string(), has_forward: z.boolean(), global: z.unknown() })
  .extend({ global_fields: z.array(field), task_fields: z.array(field), forward_fields: z.array(field) })
  .openapi('Plugin');

/** The descriptor of `id`, which the path names. */
const known = (id: string): ReturnType<typeof describeFilter> => {
  try {
    return describeFilter(id);
  } catch (error) {
    throw error instanceof HydrantError ? new Refusal(404, error.message) : error;
  }
};

/** Filters: which there are, their global configuration, and the tool that works on the server's files. */
export const addPluginRoutes: AddRoutes = (endpoints, { settings, filesDir }) => {
  const globals = () => settings.current.plugin_globals;

  endpoints.add({ method: 'get', path: '/api/plugins', summary: 'The filters there are', gives: z.array(plugin) }, () =>
    json(describeFilters(globals())),
  );

  const path = '/api/plugins/{id}/global';
  endpoints.add({ method: 'get', path, summary: 'What holds for all uses of a filter', gives: z.unknown() }, ({ param }) =>
    json(globals()[known(param('id')).id] ?? {}),
  );

  endpoints.add(
    { method: 'put', path, summary: 'Change what holds for all uses of a filter', body: z.unknown(), gives: z.unknown() },
    async ({ param, body }) => {
      const { id } = known(param('id'));
      checkFilterGlobal(id, body);
      await settings.change({ plugin_globals: { ...globals(), [id]: body } });
      return json(body);
    },
  );

  endpoints.add(
    {
      method: 'post',
      path: '/api/plugins/{id}/forward',
      summary: 'Encrypt or split a file of the server’s',
      body: strictly({ task: z.unknown(), params: z.unknown() }).partial(),
      gives: z.string().openapi({ description: 'Lines of JSON: progress, then the result or an error.' }),
      type: 'application/x-ndjson',
    },
    ({ request, param, body }) => {
      const { id, has_forward: can } = known(param('id'));
      if (!can) throw new Refusal(404, `the filter ${id} has no such tool`);
      if (filesDir === undefined) throw new Refusal(403, 'the tool is off: the server was started without --files-dir');
      const asked = { ...body, global: globals()[id] };
      return new Response(
        textStream(request.signal, (signal) => forwardLines(asked, filesDir, signal)),
        { headers: { 'Content-Type': 'application/x-ndjson', 'X-Accel-Buffering': 'no' } },
      );
    },
  );

  endpoints.add(
    {
      method: 'get',
      path: '/api/fs/info',
      summary: 'What the server’s machine is',
      gives: z.object({ picker_supported: z.boolean(), platform: z.string() }),
    },
    () => json({ picker_supported: false, platform: platforms[process.platform] ?? process.platform }),
  );

  endpoints.add({ method: 'post', path: '/api/fs/pick', summary: 'Always refused: the server opens no dialogs' }, () => {
    throw new Refusal(403, 'the server opens no dialogs on its own screen');
  });
};

const platforms: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };

async function* forwardLines(request: ForwardRequest, root: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    for await (const line of forward(request, { root }, signal)) yield `${JSON.stringify(line)}\n`;
  } catch (error) {
    if (!(error instanceof HydrantError)) throw error;
    yield `${JSON.stringify({ type: 'error', error: error.message, code: error.code })}\n`;
  }
}
