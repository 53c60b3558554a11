import type { SourceState } from './source.ts';
import type { Sources } from './sources.ts';

/** What a transfer came to. Bytes are payload; times in milliseconds. */
export interface Summary {
  readonly bytes: number;
  /** Payload bytes that came although they were held already, samples included. */
  readonly twice: number;
  readonly elapsed: number;
  /** Share of what the sources could have given, 0…1; undefined where too little came to tell. */
  readonly share: number | undefined;
  /** What held it back most; undefined where nothing but the sources' own rates did. */
  readonly why: string | undefined;
  readonly sources: readonly SourceState[];
}

/** What held a transfer back, in milliseconds of all connections together. */
export type Hold = 'reader' | 'store' | 'limit';

/**
 * Says how near a transfer came to what its sources could give: each source's rate while it worked, over the whole time.
 * What is lost is waiting, unequal ends and bytes that came twice.
 */
export class Meter {
  readonly #sources: Sources;
  readonly #startedAt: number;
  readonly #busy = new Map<string, { bytes: number; ms: number }>();
  readonly #held: Record<Hold, number> = { reader: 0, store: 0, limit: 0 };
  #endedAt: number | undefined;
  bytes = 0;
  twice = 0;

  constructor(sources: Sources, now: number) {
    this.#sources = sources;
    this.#startedAt = now;
  }

  /** Notes that `ms` passed while `source` worked, and brought `bytes` meanwhile. */
  worked(source: string, ms: number, bytes: number): void {
    const entry = this.#busy.get(source) ?? { bytes: 0, ms: 0 };
    entry.ms += ms;
    entry.bytes += bytes;
    this.#busy.set(source, entry);
  }

  waited(hold: Hold, ms: number): void {
    this.#held[hold] += ms;
  }

  end(now: number): void {
    this.#endedAt ??= now;
  }

  summary(now: number): Summary {
    const elapsed = (this.#endedAt ?? now) - this.#startedAt;
    let possible = 0;
    for (const { bytes, ms } of this.#busy.values()) if (ms >= 200) possible += (bytes / ms) * elapsed;
    const share = possible > 0 && elapsed >= 500 ? Math.min(1, this.bytes / possible) : undefined;
    return { bytes: this.bytes, twice: this.twice, elapsed, share, why: this.#why(elapsed), sources: this.#sources.states };
  }

  #why(elapsed: number): string | undefined {
    const [hold, ms] = Object.entries(this.#held).reduce((most, next) => (next[1] > most[1] ? next : most));
    if (ms > elapsed / 4)
      return { reader: 'the reader was slower', store: 'the disk was slower', limit: 'the limit held it back' }[hold as Hold];
    const refused = this.#sources.states.find((state) => state.errors > 2);
    if (refused !== undefined) return `${refused.url} failed ${refused.errors} times (${refused.message ?? 'unknown'})`;
    for (const source of this.#sources.all) {
      if (source.origin.connections.isShared(Number.POSITIVE_INFINITY)) return `${source.origin.key} gives no more to more connections`;
    }
    return undefined;
  }
}
