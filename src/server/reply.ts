import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { HydrantError } from '../core/errors.ts';
import type { Chunk } from '../core/ports.ts';

/** Writes that may be under way at once: while one is sent, the next is fetched. */
const underWay = 2;

/** The body of one answer. A chunk counts as sent, and is released, when the socket has taken it. */
export class Reply {
  readonly #response: ServerResponse;
  #pending = 0;
  #wake: (() => void) | undefined;
  #error: Error | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on('close', () => this.#fail(new HydrantError('STOPPED', 'the client left')));
    response.on('error', (error) => this.#fail(error));
  }

  /** Resolves when more may be written. Rejects with STOPPED where the client has left; `chunk` is released either way. */
  async write(chunk: Chunk, bytes: Uint8Array = chunk.bytes): Promise<void> {
    if (this.#error !== undefined) {
      chunk.release();
      throw this.#error;
    }
    this.#pending++;
    this.#response.write(bytes, () => {
      this.#pending--;
      chunk.release();
      this.#wake?.();
    });
    while (this.#pending >= underWay && this.#error === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#error !== undefined) throw this.#error;
  }

  /** Writes text between chunks. */
  async text(text: string): Promise<void> {
    await this.write({ bytes: Buffer.from(text, 'latin1'), release: () => undefined });
  }

  /** Ends the body, once all of it was taken. */
  async end(): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#response.end();
    if (!this.#response.writableFinished) await once(this.#response, 'finish').catch(() => undefined);
  }

  /** Breaks the connection, so that nobody takes what came for the whole. */
  break(): void {
    const { socket } = this.#response;
    if (socket === null) this.#response.destroy();
    else socket.resetAndDestroy();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }
}
