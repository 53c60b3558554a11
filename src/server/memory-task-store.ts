import { HydrantError } from '../core/errors.ts';
import type { Keeping, TaskStore } from '../core/ports.ts';
import { type Kept, keep, keptOf } from './kept.ts';

/** Keeps what it is told for as long as the process lives. */
export class MemoryTaskStore implements TaskStore {
  readonly #kept: Kept = new Map();
  #closed = false;

  kept(kind: string): ReadonlyMap<string, unknown> {
    return keptOf(this.#kept, kind);
  }

  async commit(changes: readonly Keeping[]): Promise<void> {
    if (this.#closed) throw new HydrantError('STORE_FAILED', 'the state is closed');
    keep(this.#kept, structuredClone(changes));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
