/*
 * Changes since the state file was written, one batch a line: `["SUM",[[kind,key,value],…]]` with SUM over the batch's
 * text, below a header that names the log. A batch says what the values are now, so that one may be read twice. Only the
 * last line can be torn by a kill, and what it says was never acknowledged.
 */
import { createHash } from 'node:crypto';

import type { Keeping } from '../core/ports.ts';

const version = 1;

/** What a log's text says. */
export interface ReadLog {
  readonly id: string | undefined;
  readonly version: number | undefined;
  readonly changes: readonly Keeping[];
  /** Lines before the last that are damaged. */
  readonly damaged: number;
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const line = (value: unknown): string => {
  const text = JSON.stringify(value);
  return `["${sumOf(text)}",${text}]\n`;
};

/** The first line of the log `id`. */
export const logHeader = (id: string): string => line({ format: 'hydrant-changes', version, id });

/** The line of one batch. */
export const logLine = (changes: readonly Keeping[]): string =>
  line(changes.map(({ kind, key, value }) => (value === undefined ? [kind, key] : [kind, key, value])));

const valueIn = (text: string): unknown => {
  const [, sum, body] = /^\["([0-9a-f]{16})",(.*)\]$/s.exec(text) ?? [];
  return body === undefined || sumOf(body) !== sum ? undefined : JSON.parse(body);
};

/** Reads all of a log that can be read; anything may be in `text`. */
export const readLog = (text: string): ReadLog => {
  const [first = '', ...lines] = text.split('\n');
  const header = valueIn(first) as { readonly id?: string; readonly version?: number } | undefined;
  // What follows the last line feed was being written when the end came.
  lines.pop();
  const batches = lines.map(valueIn);
  const changes = batches.filter((batch) => Array.isArray(batch)).flat() as readonly (readonly [string, string, unknown?])[];
  const damaged = batches.slice(0, -1).filter((batch) => !Array.isArray(batch)).length;
  return { id: header?.id, version: header?.version, changes: changes.map(([kind, key, value]) => ({ kind, key, value })), damaged };
};
