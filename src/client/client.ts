import { HydrantError } from '../core/errors.ts';
import { layered } from '../core/options.ts';
import type { Clock, Transport } from '../core/ports.ts';
import { type TransferOptions, transferOptions } from '../core/transfer-options.ts';
import { fingerprint } from '../digest/fingerprint.ts';
import { Origins } from '../engine/origins.ts';
import { autoConnections, startOf } from '../engine/ports.ts';
import { LimitedTransport } from '../transport/limited.ts';
import { systemClock } from './clock.ts';
import { type DownloadOptions, type DownloadResult, download } from './download.ts';
import type { ClientEvent, ClientObserver } from './events.ts';
import { checkHeaders, type FileSpec, fileSpecOf } from './file-spec.ts';
import { refuseUnknown } from './known.ts';
import { Names } from './names.ts';
import { type ProbeResult, probe } from './probe.ts';
import { openRemote, type RemoteFile } from './remote-file.ts';
import { type StreamedFile, Streaming, type StreamOptions, streamFiles } from './stream.ts';
import { transportOf } from './transport.ts';
import { type Shared, Work } from './work.ts';

/** What a client is made with; all of it has a default. */
export interface ClientOptions {
  /** How bytes are brought; sizes in bytes, rates in bytes per second, times in milliseconds. `docs/options.md` has them all. */
  readonly settings?: Partial<TransferOptions>;
  /** Sent with every request; those of a file and of a source win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Is told what happens. */
  readonly observe?: ClientObserver;
  /** How requests go out; closed by whoever made it. */
  readonly transport?: Transport;
  readonly clock?: Clock;
}

/** Files of one batch: no two get one name until it ends. */
export interface ClientRun {
  download(file: string | FileSpec, options?: DownloadOptions, signal?: AbortSignal): Promise<DownloadResult>;
  end(): void;
}

/**
 * Brings files from their sources: to disk, as ordered bytes, or piece by piece. Connections, limits and what is learned
 * of origins are shared by all that one client does. Close it when done: nothing then keeps the process alive.
 */
export class Client implements AsyncDisposable {
  readonly #shared: Shared;
  readonly #limited: LimitedTransport;
  readonly #own: Transport | undefined;
  readonly #observe: ClientObserver;
  readonly #closing = new AbortController();
  readonly #works = new Set<Work>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #names = new Names();
  #files = 0;

  /** Throws OPTION_INVALID where `settings` or `headers` cannot be. */
  constructor({ settings = {}, headers = {}, observe = () => undefined, transport, clock = systemClock }: ClientOptions = {}) {
    refuseUnknown(settings, Object.keys(transferOptions), 'setting');
    const all = layered(transferOptions, settings);
    checkHeaders(headers);
    this.#own = transport === undefined ? transportOf(all) : undefined;
    this.#limited = new LimitedTransport(transport ?? (this.#own as Transport), clock, all.limit);
    this.#observe = quiet(observe);
    const ceiling = Math.min(all.perOrigin, all.connections ?? autoConnections);
    const origins = new Origins(startOf(all, 1), ceiling, all.connections ?? autoConnections);
    this.#shared = { settings: all, headers, transport: this.#limited, clock, random: Math.random, fingerprint, origins };
  }

  /** Bytes per second over all that this client does, undefined for no limit; may be changed at any time. */
  get limit(): number | undefined {
    return this.#limited.limit;
  }

  set limit(limit: number | undefined) {
    this.#limited.limit = limit;
  }

  /**
   * Brings a file to disk. Resolves when it has its name, all its bytes and the digest where one was given; rejects with
   * a HydrantError otherwise, and what came so far is kept for the next try.
   */
  async download(file: string | FileSpec, options: DownloadOptions = {}, signal?: AbortSignal): Promise<DownloadResult> {
    refuseUnknown(options, ['output', 'ifExists', 'continue', 'remoteTime'], 'option of a download');
    const run = this.run(true);
    try {
      return await run.download(file, options, signal);
    } finally {
      run.end();
    }
  }

  /** Downloads that belong together; `single`: `output` may be the file's own name. */
  run(single: boolean): ClientRun {
    const held: (() => void)[] = [];
    return {
      download: async (file, options = {}, signal) => {
        const work = this.#work(file, signal);
        return await this.#finish(work, () => {
          const { name, result } = download(work, options, { names: this.#names, single });
          held.push(() => name.release());
          return result;
        });
      },
      end: () => {
        for (const release of held.splice(0)) release();
      },
    };
  }

  /** Files one after another, each as its bytes in order. Throws at the first that is not whole and right. */
  stream(
    files: string | FileSpec | readonly (string | FileSpec)[],
    options: StreamOptions = {},
    signal?: AbortSignal,
  ): AsyncGenerator<StreamedFile, void, void> {
    const specs = (typeof files === 'string' || 'volumes' in files ? [files] : files).map(fileSpecOf);
    const begin = (spec: FileSpec): Streaming => new Streaming(this.#work(spec, signal), options);
    return streamFiles(specs, begin);
  }

  /** Asks every source of a file what it serves, without fetching it. */
  probe(file: string | FileSpec, signal?: AbortSignal): Promise<ProbeResult> {
    const work = this.#work(file, signal);
    return this.#finish(work, () => probe(work));
  }

  /** Opens a file for reading anywhere in it. */
  async open(file: string | FileSpec, signal?: AbortSignal): Promise<RemoteFile> {
    return await openRemote(this.#work(file, signal));
  }

  /** Stops what runs, which rejects with STOPPED, waits for its end, and gives every connection up. */
  async close(): Promise<void> {
    this.#closing.abort(new HydrantError('STOPPED', 'the client was closed'));
    await Promise.allSettled([...this.#running]);
    await Promise.allSettled([...this.#works].map((work) => work.close()));
    await this.#own?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #work(file: string | FileSpec, signal: AbortSignal | undefined): Work {
    const { settings, clock } = this.#shared;
    const closing = this.#closing.signal;
    const limited = settings.limitPerFile === undefined ? this.#limited : new LimitedTransport(this.#limited, clock, settings.limitPerFile);
    const ports = { transport: limited, observe: this.#observe, ended: () => this.#works.delete(work) };
    const either = signal === undefined ? closing : AbortSignal.any([closing, signal]);
    const work: Work = new Work({ file: this.#files++, spec: fileSpecOf(file) }, this.#shared, ports, either);
    this.#works.add(work);
    return work;
  }

  async #finish<Result>(work: Work, run: () => Promise<Result>): Promise<Result> {
    const running = (async () => {
      try {
        if (work.signal.aborted) throw work.failure(undefined);
        return await run();
      } catch (error) {
        throw work.failed(error);
      } finally {
        await work.close();
      }
    })();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

/** Observers never steer: what one throws is reported as uncaught, and the transfer goes on. */
const quiet =
  (observe: ClientObserver): ClientObserver =>
  (event: ClientEvent) => {
    try {
      observe(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
