/**
 * The sources of one file, and what is known of the file through them. Every source is probed at once; the first
 * request asks for bytes that are wanted anyway, and its body is used (RFC 9110 §14.2): 206 gives the length, 200 is the
 * passthrough body, 416 for an empty file is a success. A mirror is first asked for a sample of the same place.
 */
import { HydrantError, toHydrantError } from '../core/errors.ts';
import { Layout } from '../core/layout.ts';
import type { Range } from '../core/range.ts';
import type { Validator } from '../core/representation.ts';
import { longestWithin, neverAnsweredBudget } from '../core/retry.ts';
import type { Origin } from './origins.ts';
import { Origins } from './origins.ts';
import { autoConnections, type Ports, type Settings, startOf } from './ports.ts';
import { type Opened, Source, type SourceSpec, type SourceState } from './source.ts';
import { pause } from './wait.ts';

/** Volumes in order, each with the sources (mirrors) that serve it. */
export type LayoutSpec = readonly (readonly SourceSpec[])[];

/** What the sources say of the file. Length in bytes. */
export interface FileFacts {
  readonly length: number | undefined;
  readonly ranges: boolean;
  readonly type: string | undefined;
  /** As Content-Disposition asks, not yet safe. */
  readonly name: string | undefined;
  /** Final URL of the source that answered first. */
  readonly url: string;
  /** By source URL as given. */
  readonly validators: ReadonlyMap<string, Validator>;
  readonly lastModified: string | undefined;
}

/** An answered first request whose body waits to be used. `range` lies in its volume. */
export interface Opening extends Opened {
  readonly source: Source;
  readonly origin: Origin;
  readonly range: Range;
  readonly stop: () => void;
}

/** Bytes that a volume's first source is asked for first, and that a mirror is sampled with. */
const firstLease = 1024 * 1024;
export const sampleSize = 16 * 1024;
/** How long a source whose budget is spent rests while others work, in milliseconds. */
const restOfTheHopeless = 5_000;

export class Sources {
  readonly settings: Settings;
  readonly ports: Ports;
  readonly origins: Origins;
  readonly layout: Layout;
  readonly all: readonly Source[];
  readonly #closing = new AbortController();
  /** One for each source: a signal that all of them listen to would have too many listeners. */
  readonly #probes: AbortController[] = [];
  readonly #openings = new Map<Source, Opening>();
  readonly #watchers = new Set<() => void>();
  #opened = false;
  #startedAt = 0;

  constructor(layout: LayoutSpec, settings: Settings, ports: Ports, origins?: Origins) {
    this.settings = settings;
    this.ports = ports;
    const hosts = new Set(layout.flat().map((spec) => new URL(spec.url).origin)).size;
    const ceiling = Math.min(settings.perOrigin, settings.connections ?? autoConnections);
    this.origins = origins ?? new Origins(startOf(settings, hosts), ceiling, settings.connections ?? autoConnections);
    this.layout = new Layout(layout.length);
    const longestDelay = longestWithin(settings.retryTimeout);
    let id = 0;
    this.all = layout.flatMap((mirrors, volume) => {
      const ranked = [...mirrors].sort((a, b) => (b.weight ?? 1) - (a.weight ?? 1));
      return ranked.map(
        (spec, index) => new Source(spec, { id: id++, volume, index, alone: ranked.length === 1, longestDelay }, ports, this.origins),
      );
    });
  }

  /** What people are told of each source. */
  get states(): readonly SourceState[] {
    return this.all.map((source) => source.state);
  }

  of(volume: number): readonly Source[] {
    return this.all.filter((source) => source.volume === volume);
  }

  /** When the first request went out, by the clock. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /**
   * Probes every source at once, asking for the bytes of the file at `start`. Resolves as soon as every volume's length
   * is known, or that its one source does not say. Rejects with the error of the volume that no source serves.
   */
  async open(start: number, signal?: AbortSignal): Promise<FileFacts> {
    if (!this.#opened) {
      this.#opened = true;
      this.#startedAt = this.ports.clock.now();
      for (const source of this.all) void this.#probe(source, start);
    }
    await this.#until(() => this.#known(), signal);
    return this.facts;
  }

  get facts(): FileFacts {
    const answered = this.all.filter((source) => source.representation !== undefined && source.status !== 'out');
    const first = answered.find((source) => source.volume === 0) ?? answered[0];
    const of = first?.representation;
    return {
      length: this.layout.length,
      ranges: answered.some((source) => !source.whole),
      type: of?.type,
      name: of?.name,
      url: of?.url ?? this.all[0]?.spec.url ?? '',
      validators: new Map(answered.map((source) => [source.spec.url, source.representation?.validator ?? {}])),
      lastModified: this.layout.count === 1 ? of?.validator.lastModified : undefined,
    };
  }

  /** Hands over the answered first request of `source`, whose body the caller must use or close. */
  takeOpening(source: Source): Opening | undefined {
    const opening = this.#openings.get(source);
    this.#openings.delete(source);
    return opening;
  }

  openingOf(source: Source): Opening | undefined {
    return this.#openings.get(source);
  }

  /** Calls `seen` whenever a source answered or failed its probe; the returned function ends that. */
  watch(seen: () => void): () => void {
    this.#watchers.add(seen);
    return () => this.#watchers.delete(seen);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const probe of this.#probes) probe.abort();
    for (const opening of this.#openings.values()) opening.stop();
    this.#openings.clear();
  }

  /** Asks `source` until it has answered, is out for good, or nobody needs it any more. */
  async #probe(source: Source, start: number): Promise<void> {
    const { clock } = this.ports;
    const probe = new AbortController();
    const { signal } = probe;
    this.#probes.push(probe);
    let at = source.volume === 0 ? start : 0;
    let size = source.index === 0 ? firstLease : sampleSize;
    let heard = false;
    while (!signal.aborted && !this.#isOut(source)) {
      const began = clock.now();
      const opened = await this.#tryOpen(source, { start: at, end: at + Math.min(size, this.settings.lease ?? size) }, signal);
      if (signal.aborted) {
        if (!(opened instanceof HydrantError)) opened.stop();
        return;
      }
      if (!(opened instanceof HydrantError)) {
        if (this.#answered(source, opened, clock.now() - began)) return;
        if (!source.whole) {
          at = 0;
          size = sampleSize;
        }
        continue;
      }
      heard ||= opened.code === 'SOURCE_BUSY';
      const delay = source.failed(opened);
      const budget = heard ? this.settings.retryTimeout : Math.min(neverAnsweredBudget, this.settings.retryTimeout);
      const spent = clock.now() + delay - this.#startedAt > budget || source.failures > (this.settings.retries ?? Number.POSITIVE_INFINITY);
      if (spent && this.#alone(source)) source.leaveOut(opened);
      // What was asked for may have been too much.
      if (source.failures >= 2) size = sampleSize;
      this.#changed();
      if (!this.#isOut(source)) await pause(clock, spent ? Math.max(delay, restOfTheHopeless) : delay, signal).catch(() => undefined);
    }
  }

  /** Notes the first answer of `source`; false where it must be asked again, in another way. */
  #answered(source: Source, opened: Opening, took: number): boolean {
    const { answer, response, range } = opened;
    if (answer.kind === 'outside') {
      opened.stop();
      const { length } = answer;
      if (length !== undefined && length > range.start && !source.whole) {
        source.whole = true;
        return false;
      }
      // Past the end nothing is said of the file, at best its length: what it is, is asked of its first bytes.
      if (range.start > 0) return false;
      source.leaveOut(
        new HydrantError('SOURCE_REFUSED', 'the source does not serve the range asked for and gives no length', {
          url: source.spec.url,
          status: 416,
        }),
      );
    } else {
      source.pin(answer.representation);
      if (answer.kind === 'empty') opened.stop();
      else this.#openings.set(source, opened);
    }
    if (!this.#isOut(source)) this.#agreeOnLength(source);
    const { length, ranges, type } = source.representation ?? {};
    this.ports.observe({ event: 'probe', url: source.url, status: response.status, length, ranges, type, ms: Math.round(took) });
    this.#changed();
    return true;
  }

  #isOut(source: Source): boolean {
    return source.status === 'out';
  }

  /** Whether no other source of the volume has answered: then waiting on is waiting in vain. */
  #alone(source: Source): boolean {
    return this.of(source.volume).every((other) => other.representation === undefined);
  }

  async #tryOpen(source: Source, range: Range, signal: AbortSignal): Promise<Opening | HydrantError> {
    const { clock } = this.ports;
    const origin = source.origin;
    const stopping = new AbortController();
    const abort = (): void => stopping.abort();
    signal.addEventListener('abort', abort, { once: true });
    origin.active++;
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      origin.active--;
      signal.removeEventListener('abort', abort);
    };
    let late = false;
    const cancel = clock.after(this.settings.stallTimeout, () => {
      late = true;
      stopping.abort();
    });
    try {
      const opened = await source.open(range, stopping.signal);
      const stop = (): void => {
        opened.response.close();
        end();
      };
      return { ...opened, source, origin, range, stop };
    } catch (error) {
      end();
      if (late)
        return new HydrantError('SOURCE_STALLED', `no answer within ${Math.round(this.settings.stallTimeout / 1000)} s`, {
          url: source.spec.url,
        });
      return toHydrantError(error, 'SOURCE_UNREACHABLE', { url: source.spec.url });
    } finally {
      cancel();
    }
  }

  #agreeOnLength(source: Source): void {
    const length = source.representation?.length;
    const known = this.layout.lengthOf(source.volume);
    if (length === undefined) return;
    if (known === undefined) this.layout.setLength(source.volume, length);
    else if (known !== length) {
      source.standing = 'dissenting';
      source.error = new HydrantError('SOURCES_DISAGREE', `its length is ${length}, that of the others ${known}`, { url: source.spec.url });
    }
  }

  #known(): boolean {
    for (let volume = 0; volume < this.layout.count; volume++) {
      const sources = this.of(volume);
      const answered = sources.filter((source) => source.representation !== undefined);
      const lengths = new Set(answered.map((source) => source.representation?.length));
      if (lengths.has(0) && !this.#emptiness(sources, lengths)) return false;
      if (answered.length === 0) {
        if (sources.every((source) => source.status === 'out')) throw worst(sources);
        return false;
      }
      if (this.layout.lengthOf(volume) === undefined && volume < this.layout.count - 1) {
        if (sources.every((source) => source.representation !== undefined || source.status === 'out')) {
          throw new HydrantError('SOURCE_REFUSED', `volume ${volume + 1} does not say its length: only the last may`, {
            url: answered[0]?.spec.url ?? '',
          });
        }
        return false;
      }
    }
    return true;
  }

  /** An empty file is believed when every source has been heard. Throws SOURCES_DISAGREE where one has bytes. */
  #emptiness(sources: readonly Source[], lengths: ReadonlySet<number | undefined>): boolean {
    if (lengths.size > 1) {
      const [url] = sources.flatMap((source) => (source.representation?.length === 0 ? source.spec.url : []));
      throw new HydrantError(
        'SOURCES_DISAGREE',
        'the sources serve different files: one is empty, another is not',
        url === undefined ? {} : { url },
      );
    }
    return sources.every((source) => source.representation !== undefined || source.failures > 0 || source.status === 'out');
  }

  #until(ready: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          if (signal?.aborted || this.#closing.signal.aborted) throw new HydrantError('STOPPED');
          if (!ready()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        stop();
        signal?.removeEventListener('abort', look);
      };
      const stop = this.watch(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  #changed(): void {
    for (const seen of [...this.#watchers]) seen();
  }
}

/** The failure that says most: of sources that are all out, the last error of the first of them. */
export const worst = (sources: readonly Source[]): HydrantError => {
  const errors = sources.flatMap((source) => source.error ?? []);
  return (
    errors.find((error) => error.code === 'SOURCE_CHANGED' || error.code === 'SOURCES_DISAGREE') ??
    errors[0] ??
    new HydrantError('SOURCE_UNREACHABLE')
  );
};
