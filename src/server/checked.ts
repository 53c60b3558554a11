import type { z } from '@hono/zod-openapi';

import { HydrantError } from '../core/errors.ts';

/** How many complaints one message holds. */
const most = 5;

/** `value` as `schema` gives it. Throws OPTION_INVALID, which names every field that can't be and why. */
export const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value, { error: plainly });
  if (result.success) return result.data;
  const complaints = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`));
  const more = complaints.length > most ? ` (and ${complaints.length - most} more)` : '';
  throw new HydrantError('OPTION_INVALID', `${complaints.slice(0, most).join('; ')}${more}`);
};

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a JSON object',
  record: 'a JSON object',
  null: 'null',
};

/** What is wrong, to be read after the name of the field; undefined leaves it to the schema's own words. */
const plainly = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `is ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `is ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return `is at least ${boundOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `is at most ${boundOf(issue.origin, issue.maximum)}`;
    default:
      return undefined;
  }
};

const boundOf = (origin: string, bound: number | bigint): string => {
  if (origin === 'string') return `${bound} characters long`;
  return origin === 'array' || origin === 'map' || origin === 'set' ? `${bound} long` : `${bound}`;
};

/** `volumes[0].from`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, place) => (typeof key === 'number' ? `[${key}]` : `${place === 0 ? '' : '.'}${String(key)}`)).join('');
