import { HydrantError } from '../core/errors.ts';
import type { FillState } from './live.ts';
import { RateRing } from './rate-ring.ts';
import type { ServedFile } from './served-file.ts';

/** Bringing the whole file of one task into the cache, and how that stands. */
export class FillRun {
  /** Bytes that came while it ran. */
  readonly brought = new RateRing();
  readonly #changed: () => void;
  #now: Pick<FillState, 'state' | 'error'> | undefined;
  /** What it was begun on. */
  #file: ServedFile | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Undefined where there is none. */
  get now(): Pick<FillState, 'state' | 'error'> | undefined {
    return this.#now;
  }

  get running(): boolean {
    return this.#now?.state === 'running';
  }

  /** Whether it runs, and had begun on a file. */
  get underWay(): boolean {
    return this.running && this.#file !== undefined;
  }

  /** Says that it runs, and what on is to be seen. */
  begin(): void {
    this.#file = undefined;
    this.#set({ state: 'running', error: null });
  }

  /** Has all of `file` brought, unless it was stopped meanwhile. Rejects where that can't be done. */
  async on(file: ServedFile, signal: AbortSignal): Promise<void> {
    if (file.entry === undefined)
      throw new HydrantError('RANGE_IGNORED', 'the file cannot be cached: its source forbids it, or the cache has no room');
    if (!file.filled) await file.fill(signal);
    if (this.running) this.#file = file;
    else file.feed?.fill(false);
  }

  pause(): void {
    if (this.#now === undefined) throw new HydrantError('TASK_UNKNOWN', 'there is no fill of this task');
    if (this.#now.state !== 'done') this.#set({ state: 'paused', error: null });
    this.#file?.feed?.fill(false);
  }

  forget(): void {
    this.#file?.feed?.fill(false);
    this.#file = undefined;
    this.#now = undefined;
  }

  fail(error: HydrantError): void {
    if (this.running) this.#set({ state: 'failed', error: error.message });
  }

  /** Looks how far it is with `current`; returns why it failed, where it did since the last look. */
  look(current: ServedFile | undefined): HydrantError | undefined {
    const file = this.#file;
    if (!this.running || file === undefined || file !== current) return undefined;
    const { feed } = file;
    if (file.filled) {
      this.#set({ state: 'done', error: null });
      feed?.fill(false);
      return undefined;
    }
    const error = feed?.fillError;
    if (error !== undefined) this.fail(error);
    return error;
  }

  #set(now: Pick<FillState, 'state' | 'error'>): void {
    this.#now = now;
    this.#changed();
  }
}
