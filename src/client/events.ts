import type { ErrorCode } from '../core/errors.ts';
import type { SourceState } from '../engine/source.ts';

/**
 * What a client tells whoever observes it. Plain facts that survive JSON: sizes in bytes, rates in bytes per second,
 * times in milliseconds, URLs without secrets. `file` numbers the files of a client in the order they were asked for, from 0.
 */
export type ClientEvent = { readonly file: number } & (
  | { readonly event: 'start'; readonly url: string }
  | ProbeEvent
  /** Bytes of a partial file are used; `proven` unless only samples can tell that they are of the same version. */
  | {
      readonly event: 'resume';
      readonly name: string;
      readonly bytes: number;
      readonly length: number | undefined;
      readonly proven: boolean;
    }
  /** A partial file is of no use: why. */
  | { readonly event: 'restart'; readonly name: string; readonly bytes: number; readonly message: string }
  | ProgressEvent
  | { readonly event: 'lease'; readonly id: number; readonly url: string; readonly start: number; readonly end: number }
  | { readonly event: 'retry'; readonly url: string; readonly code: ErrorCode; readonly message: string; readonly delay: number }
  | { readonly event: 'throttled'; readonly origin: string; readonly connections: number; readonly retryAfter: number | undefined }
  | {
      readonly event: 'source';
      readonly url: string;
      readonly state: string;
      readonly code?: ErrorCode;
      readonly message: string;
      /** How many other sources of its volume are still in use. */
      readonly others: number;
    }
  | { readonly event: 'verify'; readonly name: string; readonly algorithm: string }
  | SummaryEvent
  | DoneEvent
  | {
      readonly event: 'failed';
      readonly url: string;
      readonly name: string | undefined;
      /** Where the file would have been, as far as that was known; absent for a stream. */
      readonly path?: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
);

interface ProbeEvent {
  readonly event: 'probe';
  readonly url: string;
  readonly status: number;
  readonly length: number | undefined;
  readonly ranges: boolean | undefined;
  readonly type: string | undefined;
  readonly ms: number;
}

/** Five times a second while a file's bytes come. `bytes` are those held, of `length` where that is known. */
interface ProgressEvent {
  readonly event: 'progress';
  readonly name: string;
  readonly bytes: number;
  readonly length: number | undefined;
  readonly rate: number;
  readonly connections: number;
}

/** How it went, before `done` and after a failure too. */
interface SummaryEvent {
  readonly event: 'summary';
  readonly name: string;
  readonly bytes: number;
  /** Bytes fetched more than once. */
  readonly twice: number;
  readonly elapsed: number;
  /** Part of what the sources could give, 0…1. */
  readonly share: number | undefined;
  /** What kept it from more. */
  readonly why: string | undefined;
  readonly sources: readonly SourceState[];
  /** The most payload bytes that a stream ever held in memory. */
  readonly peak?: number;
}

interface DoneEvent {
  readonly event: 'done';
  readonly name: string;
  /** Where the file is; absent for a stream. */
  readonly path?: string;
  readonly bytes: number;
  readonly elapsed: number;
  readonly skipped: boolean;
  readonly verified: Verified;
}

/** How sure a file is: by its digest, by its length, or (no length known) by its body's end alone. */
export type Verified = 'digest' | 'length' | 'none';

/** Is told what happens; what it throws does not reach the transfer. */
export type ClientObserver = (event: ClientEvent) => void;
