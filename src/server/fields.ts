import { z } from '@hono/zod-openapi';

import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseSize } from '../core/size.ts';
import { checkHeader } from '../http/headers.ts';
import { dnsSetting, isBlankMapping, mappingTrouble } from './host-mappings.ts';
import type { HostMapping } from './task-config.ts';

const mostHeaders = 100;
const longestHeaders = 16_384;
const longestText = 1024;

/** Tells which fields are not known, the nearest that is, and all that are. */
export const onlyFields =
  (known: readonly string[]) =>
  (issue: { readonly code?: string | undefined; readonly keys?: unknown }): string | undefined => {
    if (issue.code === 'invalid_type') return 'must be a JSON object';
    if (issue.code !== 'unrecognized_keys') return undefined;
    const offenders = (issue.keys as string[]).map((key) => `${JSON.stringify(key)}${didYouMean(key, known)}`);
    return `unknown field ${offenders.join(', ')}; accepted: ${known.join(', ')}`;
  };

/** An object that takes these fields and no others. */
export const strictly = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: onlyFields(Object.keys(shape)) });

/** What `read` gives; what it refuses becomes an issue. */
const said = <Value>(ctx: z.core.$RefinementCtx, read: () => Value): Value => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HydrantError)) throw error;
    ctx.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
};

const sizeError = 'is a size: a whole number of bytes, or text such as "8M", "64KiB" or "1.5 GB"';

/** Bytes: a whole number, or text with a unit. */
export const size = z
  .union([z.int().nonnegative(), z.string()], { error: sizeError })
  .transform((value, ctx) => (typeof value === 'string' ? said(ctx, () => parseSize(value)) : value))
  .openapi({ description: 'Bytes: a whole number, or a number with B, K, KB, KiB, M … T. A step is 1024.', example: '8M' });

/** Bytes per second; null and 0 are none. */
export const rate = size
  .nullable()
  .transform((value) => value ?? 0)
  .openapi({ description: 'Bytes per second, as a size; null and 0: no limit.', example: '2M' });

export const limitAlgorithm = z.enum(['token_bucket', 'sliding_window']);
export const disposition = z.enum(['auto', 'inline', 'attachment']);

/** Text without the blanks around it; blank is null. */
export const label = z
  .string()
  .max(longestText)
  .nullable()
  .transform((text) => text?.trim() || null);

/** Fields that are sent with every request upstream. */
export const headers = z.record(z.string(), z.string({ error: 'the value of a header is text' })).check((ctx) => {
  const rows = Object.entries(ctx.value);
  const refuse = (message: string) => ctx.issues.push({ code: 'custom', message, input: ctx.value });
  if (rows.length > mostHeaders) refuse(`has ${rows.length} headers; ${mostHeaders} are the most`);
  if (rows.flat().join('').length > longestHeaders) refuse(`is longer than ${longestHeaders} characters`);
  for (const [name, value] of rows) {
    try {
      checkHeader({ name, value });
    } catch (error) {
      refuse((error as HydrantError).message);
    }
  }
});

const mapping = strictly({ from: z.string().default(''), to: z.string().default(''), enabled: z.boolean().default(true) });

const refuseWrong = (ctx: z.core.ParsePayload<HostMapping[]>): void => {
  for (const rule of ctx.value) {
    const trouble = rule.enabled ? mappingTrouble(rule) : undefined;
    if (trouble !== undefined) ctx.issues.push({ code: 'custom', message: trouble, input: rule });
  }
};

const mappings = z.array(mapping).max(1000);

/** Host mappings; those nobody filled in are left out. Only those that are enabled have to be right. */
export const hostMappings = mappings.transform((rules) => rules.filter((rule) => !isBlankMapping(rule))).check(refuseWrong);

/** Mappings as somebody is typing them: those half filled in are left out. */
export const draftMappings = mappings
  .transform((rules) => rules.filter(({ from, to }) => from.trim() !== '' && to.trim() !== ''))
  .check(refuseWrong);

export const plugins = z
  .array(
    strictly({
      id: z.string().min(1).max(100),
      enabled: z.boolean().default(false),
      config: z
        .unknown()
        .optional()
        .transform((config) => config ?? null),
    }),
  )
  .max(16);

/** The resolver for names that mappings lead to. */
export const dns = z
  .string()
  .nullable()
  .transform((text, ctx) => {
    const setting = dnsSetting(text);
    if (setting !== undefined) return setting;
    ctx.addIssue({ code: 'custom', message: `is tls://IP[:port], or "system"; ${JSON.stringify(text)} is neither` });
    return z.NEVER;
  })
  .openapi({ description: '`tls://IP[:port]`, or null for the system’s resolver.', example: 'tls://1.1.1.1' });
