import { HydrantError, redactUrl } from '../core/errors.ts';
import type { Clock, Fingerprint, Random, Transport } from '../core/ports.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import type { Origins } from '../engine/origins.ts';
import type { SourceState } from '../engine/source.ts';
import { type FileFacts, Sources } from '../engine/sources.ts';
import type { ClientEvent, ClientObserver } from './events.ts';
import { type FileSpec, firstUrl, layoutOf } from './file-spec.ts';
import { refuseMetalink } from './metalink.ts';

/** What the files of one client share. */
export interface Shared {
  readonly settings: TransferOptions;
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly fingerprint: () => Fingerprint;
  readonly origins: Origins;
}

type Distribute<Event> = Event extends unknown ? Omit<Event, 'file'> : never;

/** Sources that have answered, and what they said. */
export interface Answered {
  readonly sources: Sources;
  readonly facts: FileFacts;
}

/** How many other sources than `url` still serve its volume. */
const othersOf = (url: string, states: readonly SourceState[]): number => {
  const volume = states.find((state) => state.url === url)?.volume;
  return states.filter((state) => state.volume === volume && state.url !== url && state.status !== 'out').length;
};

/** Something that the work on a file has opened. */
interface Opened {
  close(): Promise<void>;
}

/** The work on one file: what it uses, and what it has opened and so must close. */
export class Work {
  readonly file: number;
  readonly spec: FileSpec;
  readonly shared: Shared;
  /** Aborted with the caller's signal or the client's end. */
  readonly signal: AbortSignal;
  readonly startedAt: number;
  /** Where the file goes, for one that goes to disk. */
  place: { readonly path: string } | undefined;
  readonly #observe: ClientObserver;
  readonly #transport: Transport;
  readonly #ended: () => void;
  readonly #opened: Opened[] = [];

  constructor(
    place: { file: number; spec: FileSpec },
    shared: Shared,
    ports: { transport: Transport; observe: ClientObserver; ended: () => void },
    signal: AbortSignal,
  ) {
    this.file = place.file;
    this.spec = place.spec;
    this.shared = shared;
    this.signal = signal;
    this.startedAt = shared.clock.now();
    this.#observe = ports.observe;
    this.#transport = ports.transport;
    this.#ended = ports.ended;
  }

  get settings(): TransferOptions {
    return this.shared.settings;
  }

  /** Milliseconds since the work began. */
  get elapsed(): number {
    return Math.round(this.shared.clock.now() - this.startedAt);
  }

  /** First source's URL without secrets, for people. */
  get url(): string {
    return redactUrl(firstUrl(this.spec));
  }

  tell(event: Distribute<ClientEvent>): void {
    this.#observe({ file: this.file, ...event } as ClientEvent);
  }

  /** Asks the sources of `spec`, the file's unless told otherwise, for the byte at `start` first. Rejects with what keeps all of them from serving it. */
  async open(start: number, spec = this.spec): Promise<Answered> {
    const sources = this.#sources(spec);
    try {
      const facts = await sources.open(start, this.signal);
      if (spec.mirrored === true) for (const source of sources.all) refuseMetalink(source.spec.url, source.representation?.type);
      return { sources, facts };
    } catch (error) {
      // Some servers refuse a start past the end without saying where that is: what they serve now is found at 0.
      const past = error instanceof HydrantError && error.code === 'SOURCE_REFUSED' && [undefined, 416].includes(error.status);
      if (start === 0 || !past || this.signal.aborted) throw error;
      await sources.close();
      return await this.open(0, spec);
    }
  }

  #sources(spec: FileSpec): Sources {
    const { settings, headers, clock, random, fingerprint, origins } = this.shared;
    const observe = (event: { readonly event: string }): void => {
      const told = event as Distribute<ClientEvent>;
      this.tell(told.event === 'source' ? { ...told, others: othersOf(told.url, sources.states) } : told);
    };
    const ports = { transport: this.#transport, clock, random, observe, fingerprint };
    const sources = this.keep(new Sources(layoutOf(spec, headers), settings, ports, origins));
    return sources;
  }

  /** Has `thing` closed at the end of the work, the latest first. */
  keep<Thing extends Opened>(thing: Thing): Thing {
    this.#opened.push(thing);
    return thing;
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    this.#ended();
    for (let thing = this.#opened.pop(); thing !== undefined; thing = this.#opened.pop()) await thing.close();
  }

  /** What a failure of the work is called: STOPPED where it was ended on purpose, whatever broke by that. */
  failure(error: unknown): unknown {
    if (!this.signal.aborted) return error;
    return new HydrantError('STOPPED', 'stopped', { cause: this.signal.reason, url: firstUrl(this.spec) });
  }

  /** Tells of a failure that ends the work, and returns it. */
  failed(error: unknown, name?: string): unknown {
    const failure = this.failure(error);
    if (failure instanceof HydrantError) {
      const { code, message, url = this.url } = failure;
      this.tell({ event: 'failed', url, name, ...(this.place !== undefined && { path: this.place.path }), code, message });
    }
    return failure;
  }
}
