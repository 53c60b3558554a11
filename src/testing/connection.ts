import type { Socket } from 'node:net';

import type { Ask } from './request.ts';
import { parseAsk } from './request.ts';
import type { Lane } from './shaping.ts';

const headLimit = 256 * 1024;

/** One client's connection, seen from the origin. */
export class Connection {
  readonly id: number;
  readonly lane: Lane;
  /** Aborts when the connection is over, whoever ended it. */
  readonly gone: AbortSignal;
  /** Memory that bodies are made up in, piece by piece. */
  readonly scratch = new Uint8Array(256 * 1024);
  readonly #over = new AbortController();
  readonly #socket: Socket;
  readonly #tcp: Socket;
  #received = '';
  #more: (() => void) | undefined;

  /** `tcp` is what lies below `socket`: the same, but for TLS. */
  constructor(id: number, socket: Socket, tcp: Socket, lane: Lane) {
    this.id = id;
    this.lane = lane;
    this.gone = this.#over.signal;
    this.#socket = socket;
    this.#tcp = tcp;
    tcp.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.#received += text;
      if (this.#received.length > headLimit) socket.destroy();
      this.#more?.();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#over.abort();
      this.#more?.();
    });
    if (tcp !== socket) tcp.on('error', () => socket.destroy());
  }

  /** The requests in the order they come; ends when the peer leaves or sends anything else. */
  async *asks(): AsyncGenerator<Ask> {
    while (!this.gone.aborted) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) {
        await new Promise<void>((resolve) => {
          this.#more = resolve;
        });
        continue;
      }
      const ask = parseAsk(this.#received.slice(0, end));
      this.#received = this.#received.slice(end + 4);
      if (ask === undefined) return;
      yield ask;
    }
  }

  /** Resolves once `bytes` are with the kernel and their memory may be used again; rejects when the connection is over. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.gone.throwIfAborted();
      const done = (error?: Error | null): void => {
        if (error) {
          // A failed write is known before the socket closes.
          this.#over.abort();
          reject(error);
        } else resolve();
      };
      if (typeof bytes === 'string') this.#socket.write(bytes, 'latin1', done);
      else this.#socket.write(bytes, done);
    });
  }

  /** Ends the connection in order (FIN). */
  end(): void {
    this.#socket.destroySoon();
  }

  /** Ends the connection with a reset (RST). */
  reset(): void {
    this.#tcp.resetAndDestroy();
    this.#socket.destroy();
  }
}
