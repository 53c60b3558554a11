import type { HydrantError } from '../core/errors.ts';

/** What one source says. Where it could not be asked or refused, `error` says why. URLs carry no secrets. */
export interface ProbedSource {
  /** Number of the volume that it serves, from 0. */
  readonly volume: number;
  readonly url: string;
  /** URL that answered, after redirects. */
  readonly finalUrl: string | undefined;
  readonly status: number | undefined;
  readonly length: number | undefined;
  /** Whether ranges are served; undefined where only trying would tell. */
  readonly ranges: boolean | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly type: string | undefined;
  /** Safe name that the file would have. */
  readonly name: string | undefined;
  /** Milliseconds that asking took. */
  readonly ms: number;
  /** How it differs from the other sources of its volume that answered, where it does. */
  readonly differs?: string;
  readonly error?: HydrantError;
}
