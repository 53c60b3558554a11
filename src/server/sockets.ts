import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of several servers: how many there may be, which of them carry a request, and how they end. */
export class Sockets {
  readonly #limit: number;
  /** All connections, those that still shake hands included. */
  readonly #open = new Set<Socket>();
  /** Requests that run on a connection that is ready for them. */
  readonly #running = new Map<Socket, number>();
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Has `server` answer, and knows its connections, which are ready for requests with the event `ready`. */
  watch<Watched extends Server>(server: Watched, ready: 'connection' | 'secureConnection', answer: RequestListener): Watched {
    server.on('connection', (socket: Socket) => {
      if (this.#closing || this.#open.size >= this.#limit) {
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      socket.once('close', () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#wake?.();
      });
    });
    server.on(ready, (socket: Socket) => {
      this.#running.set(socket, 0);
      socket.once('close', () => this.#running.delete(socket));
    });
    server.on('request', (request, response) => {
      const { socket } = request;
      this.#running.set(socket, (this.#running.get(socket) ?? 0) + 1);
      if (this.#closing) response.shouldKeepAlive = false;
      response.once('close', () => {
        const running = (this.#running.get(socket) ?? 1) - 1;
        if (this.#running.has(socket)) this.#running.set(socket, running);
        if (this.#closing && running === 0) socket.destroySoon();
      });
      answer(request, response);
    });
    return server;
  }

  /** Ends idle connections at once, busy ones with their answer or after `grace` milliseconds. Resolves when none is open. */
  async close(grace: number): Promise<void> {
    this.#closing = true;
    for (const [socket, running] of this.#running) if (running === 0) socket.destroySoon();
    if (this.#open.size === 0) return;
    const ended = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const cut = setTimeout(() => {
      for (const socket of [...this.#running.keys(), ...this.#open]) socket.destroy();
    }, grace);
    await ended;
    clearTimeout(cut);
  }
}
