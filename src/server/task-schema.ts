/*
 * What clients may say of a task. `taskBody` and `patchBody` are validation, types and OpenAPI in one; the ancestor's other
 * names for `volumes` are taken in here and are gone behind.
 */
import { z } from '@hono/zod-openapi';

import { checked } from './checked.ts';
import { disposition, headers, hostMappings, label, limitAlgorithm, plugins, rate, size, strictly } from './fields.ts';
import { type SourceList, sourceList } from './source-lists.ts';
import type { TaskConfig } from './task-config.ts';

/** The fewest bytes that one upstream request may be bounded to. */
const leastSplit = 65_536;

const sources = z.unknown().openapi({
  oneOf: [
    { type: 'string', format: 'uri' },
    { type: 'array', items: { type: 'string', format: 'uri' } },
    { type: 'array', items: { type: 'array', items: { type: 'string', format: 'uri' } } },
  ],
  description: 'A URL, the mirrors of one file, or consecutive volumes, each with its mirrors.',
  example: ['https://a.example/film.mkv', 'https://b.example/film.mkv'],
});

/** The names that sources have in bodies. */
export const sourceFields = { volumes: sources, urls: sources, url: sources, uris: sources, uri: sources };
const names = ['volumes', 'urls', 'url', 'uris', 'uri'] as const;
type Named = { readonly [Name in (typeof names)[number]]?: unknown };

const connections = z.int().min(1).max(128);
const split = size
  .refine((bytes) => bytes === 0 || bytes >= leastSplit, { error: `is 0 (none) or at least ${leastSplit} bytes` })
  .openapi({ description: 'Upper bound of one upstream request in bytes, at least 65536; 0: none.' });

const rows = {
  max_threads: connections.nullable().openapi({ description: 'Connections at once at most; null: derived.' }),
  max_per_volume: connections,
  max_split: split,
  cache: z.boolean(),
  headers,
  name: label,
  output_filename: label,
  auto_filename: z.boolean(),
  rate_limit_bps: rate,
  rate_limit_algorithm: limitAlgorithm,
  persist: z.boolean(),
  plugins,
  content_disposition: disposition,
  host_mappings: hostMappings,
};

/** The volumes that a body names, under the first of the names that has any. */
const picked = (body: Named, ctx: z.core.$RefinementCtx): SourceList | undefined => {
  const given = names.filter((name) => body[name] !== undefined);
  const lists = given.map((name) => {
    const list = sourceList(body[name]);
    if (list.why !== undefined) ctx.addIssue({ code: 'custom', message: `${name}: ${list.why}` });
    return list;
  });
  return lists.find(({ why }) => why !== undefined) ?? lists.find((list) => list.why === undefined && list.volumes.length > 0) ?? lists[0];
};

/** `body` but for its sources. */
export const withoutSources = <Body extends Named>({ volumes, urls, url, uris, uri, ...rest }: Body): Omit<Body, keyof Named> => rest;

/** The volumes of a body; undefined where it names none. */
export const volumesIn = (body: Named, ctx: z.core.$RefinementCtx): TaskConfig['volumes'] | undefined => {
  const list = picked(body, ctx);
  if (list?.why !== undefined) return z.NEVER;
  return list === undefined || list.volumes.length === 0 ? undefined : list.volumes;
};

/** The same, of a body that has to have some. */
const neededVolumes = (body: Named, ctx: z.core.$RefinementCtx): TaskConfig['volumes'] => {
  const list = picked(body, ctx);
  if (list?.why !== undefined) return z.NEVER;
  if (list !== undefined && list.volumes.length > 0) return list.volumes;
  ctx.addIssue({ code: 'custom', message: 'there is no source: give at least one as url, urls, uri, uris or volumes' });
  return z.NEVER;
};

/** Body of POST /api/tasks. */
export const taskBody = strictly({
  ...sourceFields,
  max_threads: rows.max_threads.default(null),
  max_per_volume: rows.max_per_volume.default(4),
  max_split: rows.max_split.default(0),
  cache: rows.cache.default(false),
  headers: rows.headers.default({}),
  name: rows.name.default(null),
  output_filename: rows.output_filename.default(null),
  auto_filename: rows.auto_filename.default(true),
  rate_limit_bps: rows.rate_limit_bps.default(0),
  rate_limit_algorithm: rows.rate_limit_algorithm.default('token_bucket'),
  persist: rows.persist.default(true),
  plugins: rows.plugins.default([]),
  content_disposition: rows.content_disposition.default('auto'),
  host_mappings: rows.host_mappings.default([]),
  start_cache: z.boolean().optional().openapi({ description: 'Bring the whole file into the cache at once.' }),
})
  .partial({ volumes: true, urls: true, url: true, uris: true, uri: true })
  .transform((body, ctx): { readonly config: TaskConfig; readonly startCache: boolean } => {
    const { start_cache: startCache = false, ...rest } = withoutSources(body);
    return { config: { ...rest, volumes: neededVolumes(body, ctx) }, startCache };
  });

/** What a PATCH changes. */
export type TaskPatch = Partial<TaskConfig>;

/** Body of PATCH /api/tasks/{id}: what is absent stays; null clears name, output_filename, max_threads and rate_limit_bps, and is nothing elsewhere. */
export const patchBody = strictly({
  ...sourceFields,
  max_threads: rows.max_threads,
  max_per_volume: rows.max_per_volume.nullable(),
  max_split: rows.max_split.nullable(),
  cache: rows.cache.nullable(),
  headers: rows.headers.nullable(),
  name: rows.name,
  output_filename: rows.output_filename,
  auto_filename: rows.auto_filename.nullable(),
  rate_limit_bps: rows.rate_limit_bps,
  rate_limit_algorithm: rows.rate_limit_algorithm.nullable(),
  persist: rows.persist.nullable(),
  plugins: rows.plugins.nullable(),
  content_disposition: rows.content_disposition.nullable(),
  host_mappings: rows.host_mappings.nullable(),
})
  .partial()
  .transform((body, ctx): TaskPatch => {
    if (body.volumes === null) {
      ctx.addIssue({ code: 'custom', message: 'volumes: cannot be null; leave it out to keep the sources' });
      return z.NEVER;
    }
    const list = picked(body, ctx);
    if (list?.why !== undefined) return z.NEVER;
    if (list !== undefined && list.volumes.length === 0) {
      ctx.addIssue({ code: 'custom', message: 'volumes: a task keeps at least one url' });
      return z.NEVER;
    }
    const clearing = new Set(['name', 'output_filename', 'max_threads']);
    const said = Object.entries(withoutSources(body)).filter(
      ([name, value]) => value !== undefined && (value !== null || clearing.has(name)),
    );
    return { ...Object.fromEntries(said), ...(list !== undefined && { volumes: list.volumes }) };
  });

/** What POST /api/tasks asks for. Throws OPTION_INVALID. */
export const parseTask = (body: unknown): { readonly config: TaskConfig; readonly startCache: boolean } => checked(taskBody, body);

/** What PATCH /api/tasks/{id} asks for. Throws OPTION_INVALID. */
export const parsePatch = (body: unknown): TaskPatch => checked(patchBody, body);

/** Connections at once at most: as told, else what the volumes allow. */
export const threadsOf = ({ max_threads, max_per_volume, volumes }: TaskConfig): number =>
  max_threads ?? Math.min(128, max_per_volume * volumes.length);

/** Body of POST /api/probe. */
export const probeBody = strictly({ ...sourceFields, headers: rows.headers.default({}), host_mappings: rows.host_mappings.default([]) })
  .partial({ volumes: true, urls: true, url: true, uris: true, uri: true })
  .transform((body, ctx) => ({ ...withoutSources(body), volumes: neededVolumes(body, ctx) }));
