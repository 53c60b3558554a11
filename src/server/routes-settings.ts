import { z } from '@hono/zod-openapi';

import {
  globalSchema,
  type HostFactsInfo,
  hostFactsSchema,
  type Probe,
  probeSchema,
  type SettingsInfo,
  settingsSchema,
} from './api-types.ts';
import { checked } from './checked.ts';
import type { AddRoutes, ControlPorts } from './control-ports.ts';
import { type Endpoints, json } from './endpoints.ts';
import { draftMappings, strictly } from './fields.ts';
import { globalInfo } from './global-info.ts';
import { effectiveMappings, plainHost } from './host-mappings.ts';
import { parseSettings, settingsBody } from './settings-schema.ts';
import { probeBody } from './task-schema.ts';

/** Settings, the whole at a glance, and asking before there is a task. */
export const addSettingsRoutes: AddRoutes = (endpoints, ports) => {
  const { settings, live } = ports;

  endpoints.add({ method: 'get', path: '/api/settings', summary: 'The settings', gives: settingsSchema }, () =>
    json<SettingsInfo>(settings.current),
  );

  endpoints.add(
    {
      method: 'put',
      path: '/api/settings',
      summary: 'Change what is given of the settings; all of it or nothing',
      body: settingsBody,
      gives: settingsSchema,
    },
    async ({ body }) => json(await settings.change(parseSettings(body))),
  );

  endpoints.add({ method: 'get', path: '/api/global', summary: 'The whole at a glance', gives: globalSchema }, () =>
    json(globalInfo(ports)),
  );

  endpoints.add(
    { method: 'post', path: '/api/probe', summary: 'What sources say of a file', body: probeBody, gives: probeSchema },
    async ({ body }) => {
      const facts = await live.probe(body);
      return json<Probe>({
        detected_filename: facts.name,
        suggested_filename: facts.suggestedName,
        total_size: facts.length,
        content_type: facts.type,
        accepts_ranges: facts.ranges,
        error: facts.error,
      });
    },
  );

  addHostmapRoutes(endpoints, ports);
};

const askedHost = z
  .string()
  .max(8192)
  .transform((text, ctx) => {
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) && URL.canParse(text.trim()) ? new URL(text.trim()).hostname : text;
    const host = plainHost(url);
    if (host !== '') return host;
    ctx.addIssue({ code: 'custom', message: 'host: give the host whose way is asked for' });
    return z.NEVER;
  })
  .openapi({ type: 'string', description: 'A name, an IP address or a URL.' });

const draftBody = strictly({
  host: askedHost,
  mappings: draftMappings.optional(),
  scope: z.enum(['task', 'global']).default('task'),
  task_id: z.string().optional(),
});

const addHostmapRoutes = (endpoints: Endpoints, { settings, tasks, live, env }: ControlPorts): void => {
  const path = '/api/hostmap/resolve';
  const answer = async ({ host, mappings, scope, task_id: id }: z.output<typeof draftBody>): Promise<Response> => {
    const { host_mappings: global, dns } = settings.current;
    const saved = id === undefined ? [] : tasks.get(id).config.host_mappings;
    const rules = scope === 'global' ? effectiveMappings(mappings ?? global, []) : effectiveMappings(global, mappings ?? saved);
    const { mappedTo, addresses, error, resolver } = await live.resolve(host, rules, dns);
    return json<HostFactsInfo>({ host, mapped_to: mappedTo, addresses, error, proxy_env: proxyIn(env), resolver });
  };

  endpoints.add(
    {
      method: 'get',
      path,
      summary: 'Where requests for a host go',
      query: z.object({ host: askedHost, task_id: z.string().optional() }),
      gives: hostFactsSchema,
    },
    ({ query }) => answer(checked(draftBody, query)),
  );

  endpoints.add(
    { method: 'post', path, summary: 'Where requests for a host would go', body: draftBody, gives: hostFactsSchema },
    ({ body }) => answer(body),
  );
};

/** The name of the variable that sends unmapped requests through a proxy. */
const proxyIn = (env: Readonly<Record<string, string | undefined>>): string | null => {
  const set = (name: string): boolean => (env[name] ?? '').trim() !== '';
  if ((env.NO_PROXY ?? env.no_proxy)?.trim() === '*') return null;
  const names = ['ALL_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return names.find(set) ?? null;
};
