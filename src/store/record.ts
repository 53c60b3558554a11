/*
 * The journal's text: JSON Lines, each `["SUM",RECORD]` with SUM over RECORD's text. First the header, then records that
 * only ever add: bytes that were written (the kernel has them: safe from a killed process) and bytes that were synced
 * (the disk has them: safe from a power cut). What has to be taken back is taken back by writing the whole journal anew.
 * So any line that is torn or damaged can be left out, and what the others say still holds.
 */
import { createHash } from 'node:crypto';

import { redactUrl } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Validator } from '../core/representation.ts';

/** Version of the text; another one is not read. */
const version = 1;

/** What a partial file is a part of. URLs are kept as `redactUrl` leaves them, here and as keys. */
export interface PartialFacts {
  readonly urls: readonly string[];
  /** Bytes in the whole file, where that is known. */
  readonly length: number | undefined;
  readonly validators: ReadonlyMap<string, Validator>;
}

/** A journal's header. */
export interface Header extends PartialFacts {
  /** `bootId` under which the records were made. */
  readonly boot: string;
  /** When the download began, ISO 8601. */
  readonly created: string;
}

/** What a journal says is safe. */
export interface Safe {
  readonly written: RangeSet;
  readonly synced: RangeSet;
}

/** A strength of safe: from a killed process, or from a power cut too. */
export type Strength = keyof Safe;

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** `record` as a line of JSON with its sum. */
export const recordLine = (record: unknown): string => {
  const text = JSON.stringify(record);
  return `["${sumOf(text)}",${text}]\n`;
};

/** `facts` without anything secret in their URLs. */
export const redactFacts = (facts: PartialFacts): PartialFacts => ({
  urls: facts.urls.map(redactUrl),
  length: facts.length,
  validators: new Map([...facts.validators].map(([url, validator]) => [redactUrl(url), validator])),
});

/** The first line. */
export const headerLine = ({ boot, created, urls, length, validators }: Header): string =>
  recordLine({ format: 'hydrant-partial', version, boot, created, length: length ?? null, urls, validators: [...validators] });

/** A line that says that `ranges` are safe. */
export const safeLine = (strength: Strength, ranges: Iterable<Range>): string =>
  recordLine({ [strength]: [...ranges].map(({ start, end }) => [start, end]) });

/** The record in a line without its end; undefined where it is torn or damaged. */
export const recordOf = (text: string): unknown => {
  const [, sum, record] = /^\["([0-9a-f]{16})",(.*)\]$/s.exec(text) ?? [];
  if (record === undefined || sumOf(record) !== sum) return undefined;
  try {
    return JSON.parse(record);
  } catch {
    return undefined;
  }
};

const isFields = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const validatorOf = (value: unknown): Validator => {
  const { etag, lastModified } = isFields(value) ? value : {};
  return { ...(isString(etag) && { etag }), ...(isString(lastModified) && { lastModified }) };
};

const headerOf = (record: unknown): Header | undefined => {
  if (!isFields(record) || record.format !== 'hydrant-partial' || record.version !== version) return undefined;
  const { boot, created, length, urls, validators } = record;
  if (!isString(boot) || !isString(created) || !(length === null || isOffset(length))) return undefined;
  const pairs = listOf(validators).map(listOf);
  return {
    boot,
    created,
    length: length ?? undefined,
    urls: listOf(urls).filter(isString),
    validators: new Map(pairs.flatMap(([url, validator]) => (isString(url) ? [[url, validatorOf(validator)]] : []))),
  };
};

const addTo = (set: RangeSet, ranges: unknown, length: number): void => {
  for (const [start, end] of listOf(ranges).map(listOf)) {
    if (isOffset(start) && isOffset(end) && start < end && end <= length) set.add({ start, end });
  }
};

/** What a journal's text says; undefined where it has no good header. Never throws, and claims no byte that isn't recorded. */
export const parseJournal = (text: string): { readonly header: Header; readonly safe: Safe } | undefined => {
  const [first, ...rest] = text.split('\n');
  const header = headerOf(recordOf(first ?? ''));
  if (header === undefined) return undefined;
  const safe = { written: new RangeSet(), synced: new RangeSet() };
  for (const record of rest.map(recordOf)) {
    if (!isFields(record)) continue;
    const { length = Number.POSITIVE_INFINITY } = header;
    addTo(safe.written, record.written, length);
    // What is synced is written, even where a kill came before the line that says so.
    addTo(safe.written, record.synced, length);
    addTo(safe.synced, record.synced, length);
  }
  return { header, safe };
};
