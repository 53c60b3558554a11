import { z } from '@hono/zod-openapi';

import { checked } from './checked.ts';

/** A download at rest. Instants in seconds since 1970. */
const record = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'paused', 'verifying', 'done', 'failed']),
  volumes: z.array(z.array(z.string()).min(1)).min(1),
  headers: z.record(z.string(), z.string()).default({}),
  out: z.string().nullable().default(null),
  path: z.string().nullable().default(null),
  checksum: z.string().nullable().default(null),
  priority: z.int().default(0),
  total_bytes: z.int().nullable().default(null),
  done_bytes: z.int().default(0),
  verified: z.enum(['digest', 'length', 'none']).nullable().default(null),
  error: z.string().nullable().default(null),
  created_at: z.int(),
});

export type DownloadRecord = z.output<typeof record>;

/** The download that is kept as `value`; what was under way waits. Throws OPTION_INVALID. */
export const readDownload = (value: unknown): DownloadRecord => {
  const read = checked(record, value);
  if (read.state === 'running') return { ...read, state: 'queued' };
  return read.state === 'verifying' ? { ...read, state: 'done' } : read;
};
