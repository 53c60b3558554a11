import type { Source } from '../engine/source.ts';
import type { Sources } from '../engine/sources.ts';
import type { SourceHealth } from './live.ts';

interface Past {
  bytes: number;
  succeeded: number;
  failed: number;
  lastStatus: number | null;
  lastError: string | null;
  latency: number | null;
  lastUsedAt: number | null;
}

const never: Past = { bytes: 0, succeeded: 0, failed: 0, lastStatus: null, lastError: null, latency: null, lastUsedAt: null };

/** How the sources of a task have done since the server began, however often they were asked anew. */
export class SourceBoard {
  readonly #past = new Map<string, Past>();
  readonly #seen = new WeakMap<Source, number>();

  /** A row for each URL of `volumes`, in order; a URL in several volumes shares its row. */
  rows(volumes: readonly (readonly string[])[], sources: Sources | undefined): readonly SourceHealth[] {
    const urls = new Map<string, number>();
    volumes.forEach((mirrors, volume) => {
      for (const url of mirrors) if (!urls.has(url)) urls.set(url, volume);
    });
    return [...urls].map(([url, volume]) => this.#row(url, volume, sources));
  }

  /** Adds what `sources`, which are given up, have done. */
  absorb(sources: Sources): void {
    for (const source of sources.all) this.#past.set(source.spec.url, added(this.#past.get(source.spec.url) ?? never, source));
  }

  /** Forgets all but the rows of `volumes`. */
  retain(volumes: readonly (readonly string[])[]): void {
    const urls = new Set(volumes.flat());
    for (const url of this.#past.keys()) if (!urls.has(url)) this.#past.delete(url);
  }

  /** Ends a second: what came in it is each source's rate until the next. */
  tick(sources: Sources | undefined): void {
    this.rate = 0;
    for (const source of sources?.all ?? []) {
      const rate = source.bytes - (this.#seen.get(source) ?? 0);
      this.rate += rate;
      this.#rates.set(source, rate);
      this.#seen.set(source, source.bytes);
    }
  }

  /** What all sources together brought in the last second. */
  rate = 0;
  readonly #rates = new WeakMap<Source, number>();

  #row(url: string, volume: number, sources: Sources | undefined): SourceHealth {
    const own = sources?.all.filter((source) => source.spec.url === url) ?? [];
    const sum = own.reduce(added, this.#past.get(url) ?? never);
    const [source] = own;
    return {
      url,
      volume,
      ...sum,
      status: statusOf(source),
      rate: own.reduce((rate, one) => rate + (this.#rates.get(one) ?? 0), 0),
      inFlight: own.reduce((count, one) => count + one.active, 0),
      volumeLength: source?.representation?.length ?? sources?.layout.lengthOf(volume) ?? null,
    };
  }
}

const added = (past: Past, source: Source): Past => ({
  bytes: past.bytes + source.bytes,
  succeeded: past.succeeded + source.answers,
  failed: past.failed + source.errors,
  lastStatus: source.last?.status ?? past.lastStatus,
  lastError: source.error?.message ?? (source.answers > 0 ? null : past.lastError),
  latency: source.latency === undefined ? past.latency : Math.max(1, Math.round(source.latency)),
  lastUsedAt: source.last === undefined ? past.lastUsedAt : Math.floor(source.last.at / 1000),
});

const statusOf = (source: Source | undefined): SourceHealth['status'] => {
  if (source === undefined) return 'ready';
  if (source.status === 'out' || source.status === 'resting') return source.status;
  if (source.representation === undefined) return 'probing';
  if (source.active > 0) return 'working';
  return source.standing === 'admitted' ? 'ready' : 'spare';
};
