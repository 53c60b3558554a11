import { z } from '@hono/zod-openapi';

import { checked } from './checked.ts';
import { dns, hostMappings, limitAlgorithm, rate, strictly } from './fields.ts';
import type { ServerSettings } from './task-config.ts';

/** What holds until somebody says otherwise. */
export const defaultSettings: ServerSettings = {
  global_rate_limit_bps: 0,
  global_rate_limit_algorithm: 'token_bucket',
  plugin_globals: {},
  download_dir: null,
  host_mappings: [],
  dns: null,
};

/** Body of PUT /api/settings: what is absent stays; null is no limit, no folder and the system's resolver, and nothing elsewhere. */
export const settingsBody = strictly({
  global_rate_limit_bps: rate,
  global_rate_limit_algorithm: limitAlgorithm.nullable(),
  plugin_globals: z.record(z.string(), z.unknown()).nullable(),
  download_dir: z.string().max(4096).nullable(),
  host_mappings: hostMappings.nullable(),
  dns,
}).partial();

const clearing = new Set(['download_dir', 'dns']);

/** What PUT /api/settings changes. Throws OPTION_INVALID. */
export const parseSettings = (body: unknown): Partial<ServerSettings> => {
  const given = Object.entries(checked(settingsBody, body));
  return Object.fromEntries(given.filter(([name, value]) => value !== undefined && (value !== null || clearing.has(name))));
};
