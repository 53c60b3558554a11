import type { HydrantError } from '../core/errors.ts';
import type { Source } from './source.ts';

/** What those who compare sources need of their transfer. */
export interface Court {
  /** Where the transfer's demand begins in the file. */
  readonly from: number;
  /** How far into the file anything is wanted now. */
  until(): number;
  changed(): void;
  failed(error: HydrantError): void;
  twice(bytes: number): void;
  /** Stops the leases of a source whose bytes are not wanted any more. */
  dropped(source: Source): void;
  /** Whether a reader already has bytes that can't be called back. */
  delivered(): boolean;
}
