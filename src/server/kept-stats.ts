import type { Cache } from '../cache/cache.ts';
import type { EntryStats } from '../cache/stats.ts';
import type { CacheState } from './live.ts';

/** What the cache held of a task's file when it was last looked at. */
export class KeptStats {
  readonly #cache: Cache;
  #stats: EntryStats | undefined;
  #looked = false;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** What is known of the entry `key`; where nobody looked yet that is begun, and known the next time. */
  at(key: string): EntryStats | undefined {
    if (!this.#cache.has(key)) return undefined;
    if (this.#stats !== undefined || this.#looked) return this.#stats;
    this.#looked = true;
    void this.#cache
      .stats(key)
      .then((stats) => {
        if (this.#looked) this.#stats ??= stats;
      })
      .catch(() => undefined);
    return undefined;
  }

  /** Says what is held now. */
  note(stats: EntryStats | undefined): void {
    this.#stats = stats;
    this.#looked = stats !== undefined;
  }

  /** Has it looked up anew. */
  forget(): void {
    this.note(undefined);
  }
}

/** `stats` of the entry `key` as a task shows them. */
export const stateOf = (
  key: string,
  { facts, cached, blocks, blocksCached, map }: EntryStats,
  { hits, misses }: { readonly hits: number; readonly misses: number },
): CacheState => ({ key, total: facts.length ?? 0, cached, blocks, blocksCached, hits, misses, etag: facts.etag ?? null, map });
