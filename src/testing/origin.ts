/**
 * A real HTTP/1.1 server on loopback that misbehaves exactly as told. It writes its answers byte by byte itself, since a
 * well-kept server would not let it lie.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';

import { Connection } from './connection.ts';
import type { Fault } from './faults.ts';
import { FaultBook } from './faults.ts';
import type { OriginFile } from './origin-file.ts';
import { replyTo } from './reply.ts';
import type { Ask } from './request.ts';
import { send } from './sending.ts';
import { Shaper } from './shaping.ts';
import { Signatures } from './signatures.ts';

export interface OriginOptions {
  /** Files by path. */
  readonly files?: Readonly<Record<string, OriginFile>>;
  readonly faults?: readonly Fault[];
  /** Bytes per second. */
  readonly rate?: { readonly connection?: number; readonly total?: number };
  /** Milliseconds from a request to the first byte of its answer. */
  readonly latency?: number;
  /** PEM texts; https instead of http. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Any free one by default. */
  readonly port?: number;
}

/** One request and what became of it. Times are milliseconds since the origin started. */
export interface Exchange {
  readonly serial: number;
  /** Number of the connection it came on. */
  readonly connection: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Kinds of the faults that struck it. */
  readonly faults: readonly Fault['kind'][];
  readonly started: number;
  /** Undefined until it is answered, 0 where what was sent is no HTTP. */
  readonly status: number | undefined;
  /** Payload bytes handed to the kernel. */
  readonly sent: number;
  readonly ended: number | undefined;
  /** 'cut' by a fault, 'left' by the peer. */
  readonly outcome: 'answering' | 'whole' | 'cut' | 'left';
}

type Log = { -readonly [Key in keyof Exchange]: Exchange[Key] };

/** A server for tests. Start it with `Origin.start`; give it back with `close` or `await using`. */
export class Origin {
  readonly #options: OriginOptions;
  readonly #files: Map<string, OriginFile>;
  readonly #server: Server;
  readonly #shaper: Shaper;
  readonly #signatures = new Signatures();
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #log: Log[] = [];
  readonly #born = performance.now();
  #book: FaultBook;
  #port: number;
  #accepted = 0;
  #answering = 0;
  #peak = 0;
  #failure: unknown;

  private constructor(options: OriginOptions) {
    this.#options = options;
    this.#files = new Map(Object.entries(options.files ?? {}));
    this.#book = new FaultBook(options.faults ?? []);
    this.#shaper = new Shaper(options.rate?.total);
    this.#port = options.port ?? 0;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens, then resolves. */
  static async start(options: OriginOptions = {}): Promise<Origin> {
    const origin = new Origin(options);
    await origin.up();
    return origin;
  }

  get port(): number {
    return this.#port;
  }

  /** Every request so far, in order. */
  get requests(): readonly Exchange[] {
    return this.#log;
  }

  /** Connections accepted so far and open now, the most requests answered at once, payload bytes handed to the kernel. */
  get counts(): { readonly accepted: number; readonly open: number; readonly peak: number; readonly sent: number } {
    const sent = this.#log.reduce((sum, exchange) => sum + exchange.sent, 0);
    return { accepted: this.#accepted, open: this.#connections.size, peak: this.#peak, sent };
  }

  /** Absolute URL of `path`; `userinfo` is put before the host. */
  url(path: string, userinfo?: string): string {
    const scheme = this.#options.tls === undefined ? 'http' : 'https';
    const host = this.#options.host ?? '127.0.0.1';
    return `${scheme}://${userinfo === undefined ? '' : `${userinfo}@`}${host}:${this.#port}${path}`;
  }

  /** From now on `path` is served with these properties over those it had; undefined takes it away. */
  change(path: string, file: OriginFile | undefined): void {
    if (file === undefined) this.#files.delete(path);
    else this.#files.set(path, { ...this.#files.get(path), ...file });
  }

  /** These faults instead of those there were; requests are counted anew. */
  misbehave(faults: readonly Fault[]): void {
    this.#book = new FaultBook(faults);
  }

  /** Goes away: connections are reset, new ones are refused. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections.keys()) connection.reset();
    await Promise.all(this.#connections.values());
    await closed;
  }

  /** Comes back on the port it had. */
  async up(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, this.#options.host ?? '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends everything; rejects where the origin itself failed. */
  async close(): Promise<void> {
    await this.down();
    this.#shaper.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(tcp: Socket): void {
    const { tls, rate } = this.#options;
    const socket = tls === undefined ? tcp : new TLSSocket(tcp, { isServer: true, secureContext: createSecureContext({ ...tls }) });
    const connection = new Connection(++this.#accepted, socket, tcp, this.#shaper.lane(rate?.connection));
    this.#connections.set(connection, this.#attend(connection));
  }

  async #attend(connection: Connection): Promise<void> {
    try {
      for await (const ask of connection.asks()) if (!(await this.#answer(connection, ask))) return;
    } catch (error) {
      if (!connection.gone.aborted) this.#failure ??= error;
    } finally {
      connection.end();
      this.#connections.delete(connection);
    }
  }

  /** Whether the connection lives on. */
  async #answer(connection: Connection, ask: Ask): Promise<boolean> {
    const faults = this.#book.strike(ask, this.#answering);
    const log: Log = {
      serial: this.#log.length,
      connection: connection.id,
      method: ask.method,
      target: ask.target,
      headers: ask.headers,
      faults: faults.map((fault) => fault.kind),
      started: performance.now() - this.#born,
      status: undefined,
      sent: 0,
      ended: undefined,
      outcome: 'answering',
    };
    this.#log.push(log);
    // One that is turned away for the others' sake takes no place of its own.
    const place = faults.some((fault) => fault.when?.beyond !== undefined) ? 0 : 1;
    this.#answering += place;
    this.#peak = Math.max(this.#peak, this.#answering);
    try {
      if (this.#options.latency !== undefined) await setTimeout(this.#options.latency, undefined, { signal: connection.gone });
      const reply = replyTo(ask, this.#files.get(ask.path), faults, { serial: log.serial, signatures: this.#signatures });
      const ending = await send(connection, reply, faults, this.#shaper, {
        head: () => {
          log.status = reply.status;
        },
        payload: (bytes) => {
          log.sent += bytes;
        },
      });
      log.outcome = ending === 'cut' ? 'cut' : 'whole';
      return ending === 'whole';
    } catch (error) {
      log.outcome = 'left';
      throw error;
    } finally {
      log.ended = performance.now() - this.#born;
      this.#answering -= place;
    }
  }
}
