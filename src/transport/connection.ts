import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
// The package's door loads fetch, caches and WebSockets as well: 9 MB and 100 ms that nobody here asks for.
import UndiciClient from 'undici/lib/dispatcher/client.js';

import { HydrantError } from '../core/errors.ts';
import type { Dial } from './dial.ts';
import { skipContinue } from './interim.ts';

/** Bytes of the head of an answer; Node's own 16 KiB are too few for some cookies and policies. */
const headLimit = 65_536;

/**
 * One HTTP/1.1 connection to one origin. Each has an undici client of its own, so that who holds it holds its socket:
 * a request that is given up destroys exactly that, be it still resolving a name, and knows whether it was used before.
 */
export class Connection {
  readonly origin: string;
  readonly #client: Client;
  #socket: Socket | undefined;
  #requests = 0;
  #resume: (() => void) | undefined;
  #headDue = false;

  constructor(url: URL, dial: Dial, left: (connection: Connection) => void) {
    this.origin = url.origin;
    this.#client = new UndiciClient(url.origin, {
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: headLimit,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_, callback) => {
        this.#requests = 0;
        this.#socket = dial(url, (error, socket) => {
          if (socket === null) callback(error as Error, null);
          else callback(null, this.#prepare(socket));
        });
      },
    });
    this.#client.on('disconnect', () => left(this));
  }

  /** Whether a socket is there and open. */
  get alive(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed && !this.#client.destroyed;
  }

  /**
   * Whether a connection that has just ended was reset. libuv tells that as a proper end where the last bytes come with it;
   * the kernel, asked for the first time now, knows no peer of such a socket any more.
   */
  get reset(): boolean {
    return this.#socket?.remoteAddress === undefined;
  }

  /** Says that a request is written now whose answer `resume` lets go on; returns whether the socket had carried others before it. */
  begin(resume: () => void): boolean {
    this.#resume = resume;
    this.#headDue = true;
    return this.#requests++ > 0;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(options, handler);
  }

  /** Closes the socket at once, whatever it is doing; a request on it fails with `error`. Resolves once it is closed. */
  async destroy(error = new HydrantError('STOPPED', 'the connection was given up')): Promise<void> {
    const ended = this.#client.destroy(error);
    this.#socket?.destroy(error);
    await ended;
  }

  /** Called before the parser listens to `socket`, so that its own listeners come first. */
  #prepare(socket: Socket): Socket {
    // undici asserts where the end comes to a paused parser. All bytes have been read by then, so that nothing else comes of this.
    socket.on('end', () => this.#resume?.());
    const push = socket.push.bind(socket);
    socket.push = (bytes: unknown, encoding?: BufferEncoding) => {
      if (this.#headDue && bytes instanceof Buffer) this.#headDue = skipContinue(bytes);
      return push(bytes, encoding);
    };
    return socket;
  }
}

/** The connections of one transport: busy ones, and by origin those that wait for the next request. */
export class Connections {
  readonly #dial: Dial;
  readonly #all = new Set<Connection>();
  readonly #idle = new Map<string, Connection[]>();

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** How many there are, busy and idle. */
  get count(): number {
    return this.#all.size;
  }

  /** One to the origin of `url`: the idle one that was used last, unless it must be `fresh`. */
  take(url: URL, fresh = false): Connection {
    const idle = fresh ? undefined : this.#idle.get(url.origin);
    for (let found = idle?.pop(); found !== undefined; found = idle?.pop()) {
      if (found.alive) return found;
      this.drop(found);
    }
    const made = new Connection(url, this.#dial, (connection) => this.#left(connection));
    this.#all.add(made);
    return made;
  }

  /** Takes a connection back whose answer was read to the end. */
  give(connection: Connection): void {
    const idle = this.#idle.get(connection.origin);
    if (idle === undefined) this.#idle.set(connection.origin, [connection]);
    else idle.push(connection);
  }

  /** Closes a connection, busy or idle. */
  drop(connection: Connection, error?: HydrantError): Promise<void> {
    this.#all.delete(connection);
    return connection.destroy(error);
  }

  /** Closes all of them; requests on them fail with `error`. */
  async close(error: HydrantError): Promise<void> {
    const all = [...this.#all];
    this.#idle.clear();
    await Promise.all(all.map((connection) => this.drop(connection, error)));
  }

  /** An idle connection that its source closed is forgotten; one that is busy belongs to its exchange. */
  #left(connection: Connection): void {
    const idle = this.#idle.get(connection.origin);
    const index = idle?.indexOf(connection) ?? -1;
    if (idle === undefined || index < 0) return;
    idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(connection.origin);
    void this.drop(connection);
  }
}
