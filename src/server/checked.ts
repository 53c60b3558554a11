import type { z } from '@hono/zod-openapi';

import { HydrantError } from '../core/errors.ts';

/** How many complaints one message holds. */
const most = 5;

/** `value` as `schema` gives it. Throws OPTION_INVALID, which names every field that can't be and why. */
export const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`));
  const more = complaints.length > most ? ` (and ${complaints.length - most} more)` : '';
  throw new HydrantError('OPTION_INVALID', `${complaints.slice(0, most).join('; ')}${more}`);
};

/** `volumes[0].from`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, place) => (typeof key === 'number' ? `[${key}]` : `${place === 0 ? '' : '.'}${String(key)}`)).join('');
