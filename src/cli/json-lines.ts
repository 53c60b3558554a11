import type { ClientEvent } from '../client/events.ts';
import { redactUrl } from '../core/errors.ts';

/** How grave a record is. `debug` records are written only under `--debug`. */
export type Level = 'debug' | 'info' | 'warning' | 'error';

/** What a field holds; `?` where it may be absent. */
export type FieldType = `${'string' | 'number' | 'boolean' | 'object' | 'array'}${'' | '?'}`;

/** One kind of record: its level, what it tells, and its fields beside `time`, `level` and `event`. */
export interface RecordKind {
  readonly level: Level;
  readonly help: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** Every record that is ever written; `docs/json-lines.md` is made from it. */
export const recordTable = {
  start: { level: 'info', help: 'A file is begun.', fields: { file: 'number', url: 'string' } },
  probe: {
    level: 'info',
    help: 'A source answered for the first time.',
    fields: { file: 'number', url: 'string', status: 'number', length: 'number?', ranges: 'boolean?', type: 'string?', ms: 'number' },
  },
  resume: {
    level: 'info',
    help: 'Bytes of a partial file are used; not `proven` where only samples can tell that they are of the same version.',
    fields: { file: 'number', name: 'string', bytes: 'number', length: 'number?', proven: 'boolean' },
  },
  restart: {
    level: 'warning',
    help: 'A partial file is of no use.',
    fields: { file: 'number', name: 'string', bytes: 'number', message: 'string' },
  },
  lease: {
    level: 'debug',
    help: 'One request is sent for the bytes from `start` up to `end` (not included).',
    fields: { file: 'number', id: 'number', url: 'string', start: 'number', end: 'number?' },
  },
  progress: {
    level: 'info',
    help: 'Once a second for each file that is under way. `rate` is bytes per second.',
    fields: { file: 'number', name: 'string', bytes: 'number', length: 'number?', rate: 'number', connections: 'number' },
  },
  retry: {
    level: 'warning',
    help: 'A request failed and is made again after `delay` milliseconds.',
    fields: { file: 'number', url: 'string', code: 'string', message: 'string', delay: 'number' },
  },
  throttled: {
    level: 'warning',
    help: 'An origin asked for less: it gets at most `connections` from now on, none before `retryAfter` milliseconds.',
    fields: { file: 'number', origin: 'string', connections: 'number', retryAfter: 'number?' },
  },
  source: {
    level: 'warning',
    help: 'A source changed its state, mostly to `out`: it is left out. `code` is one of `docs/errors.md`, `others` how many sources of its volume are still in use.',
    fields: { file: 'number', url: 'string', state: 'string', code: 'string?', message: 'string', others: 'number' },
  },
  verify: { level: 'info', help: 'A digest is computed.', fields: { file: 'number', name: 'string', algorithm: 'string' } },
  summary: {
    level: 'info',
    help:
      'How it went: `share` is the part of what the sources could give (0 to 1), `twice` the bytes fetched more than once, ' +
      '`why` what kept it from more, `peak` the most payload that a stream held in memory.',
    fields: {
      file: 'number',
      name: 'string',
      bytes: 'number',
      twice: 'number',
      elapsed: 'number',
      share: 'number?',
      why: 'string?',
      peak: 'number?',
      sources: 'array',
    },
  },
  done: {
    level: 'info',
    help: 'A file is complete; `verified` says by what: `digest`, `length` or `none`. `path` is absent for a stream.',
    fields: {
      file: 'number',
      name: 'string',
      path: 'string?',
      bytes: 'number',
      elapsed: 'number',
      skipped: 'boolean',
      verified: 'string',
    },
  },
  failed: {
    level: 'error',
    help:
      'A file, or with no `file` the whole run, ended with an error; `code` is one of `docs/errors.md`. `path` is where the file would have been, ' +
      'as far as that was known; absent for a stream.',
    fields: { file: 'number?', url: 'string?', name: 'string?', path: 'string?', code: 'string', message: 'string' },
  },
  trace: { level: 'debug', help: 'Where an error came from.', fields: { code: 'string', stack: 'string' } },
  space: {
    level: 'info',
    help: 'The verdict of a dry run: bytes still to come, of which `unknown` files say nothing, and bytes free where they would go.',
    fields: { directory: 'string', needed: 'number', free: 'number', unknown: 'number', enough: 'boolean' },
  },
  answer: {
    level: 'info',
    help: 'What a source says to `probe` or to a dry run.',
    fields: {
      file: 'number',
      volume: 'number',
      url: 'string',
      finalUrl: 'string?',
      status: 'number?',
      name: 'string?',
      length: 'number?',
      ranges: 'boolean?',
      type: 'string?',
      etag: 'string?',
      lastModified: 'string?',
      ms: 'number?',
      differs: 'string?',
      code: 'string?',
      message: 'string?',
    },
  },
  warning: { level: 'warning', help: 'Something to know that stops nothing.', fields: { message: 'string' } },
} as const satisfies Record<string, RecordKind>;

/** The name of a kind of record. */
export type RecordName = keyof typeof recordTable;

/** A record as it is shown and written; `time` is ISO 8601 in UTC with milliseconds. */
export interface LogRecord {
  readonly time: string;
  readonly level: Level;
  readonly event: RecordName;
  readonly [field: string]: unknown;
}

/** What may become a record: an event of the client, or the command line's own. */
export type Told = ClientEvent | OwnEvent;

/** What the command line tells beside the client's events. */
export type OwnEvent =
  | { readonly event: 'warning'; readonly message: string }
  | {
      readonly event: 'failed';
      readonly file?: number;
      readonly url?: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly event: 'trace'; readonly code: string; readonly stack: string }
  | {
      readonly event: 'space';
      readonly directory: string;
      readonly needed: number;
      readonly free: number;
      readonly unknown: number;
      readonly enough: boolean;
    }
  | { readonly event: 'answer'; readonly file: number; readonly volume: number; readonly url: string; readonly [fact: string]: unknown };

/** `told` with time and level, its documented fields only, URLs without secrets. */
export const recordOf = (told: Told, wall: number): LogRecord => {
  const kind: RecordKind = recordTable[told.event];
  const facts: Record<string, unknown> = {};
  for (const field of Object.keys(kind.fields)) {
    const value = (told as Readonly<Record<string, unknown>>)[field];
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue;
    facts[field] = typeof value === 'string' && field.toLowerCase().endsWith('url') ? redactUrl(value) : value;
  }
  return { time: new Date(wall).toISOString(), level: kind.level, event: told.event, ...facts };
};

/** A record as one line of JSON, newline included. */
export const jsonLine = (record: LogRecord): string => `${JSON.stringify(record)}\n`;
