import { setMaxListeners } from 'node:events';

import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Bytes, Chunk, Clock, Request, Response, Transport } from '../core/ports.ts';
import { Line } from './line.ts';
import { Slices } from './slices.ts';

/** Passes on the chunks of one body when their turn has come, those above the fair share in slices. */
class LimitedBody implements Bytes, AsyncIterator<Chunk> {
  readonly #inner: AsyncIterator<Chunk>;
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #slices: Slices | undefined;
  #error: HydrantError | undefined;
  #leave: ((error: HydrantError) => void) | undefined;
  #held = 0;
  #heldSince: number | undefined;

  constructor(inner: Bytes, line: Line, clock: Clock, signal: AbortSignal | undefined) {
    this.#inner = inner[Symbol.asyncIterator]();
    this.#line = line;
    this.#clock = clock;
    this.#signal = signal;
  }

  get heldBack(): number {
    return this.#held + (this.#heldSince === undefined ? 0 : this.#clock.now() - this.#heldSince);
  }

  async next(): Promise<IteratorResult<Chunk>> {
    if (this.#signal?.aborted) this.#stop();
    if (this.#slices === undefined) {
      if (this.#error !== undefined) throw this.#error;
      const result = await this.#inner.next();
      if (result.done === true) return result;
      this.#slices = new Slices(result.value);
    }
    const size = Math.min(this.#slices.left, this.#line.share);
    if (this.#error === undefined && !this.#line.passes(size)) await this.#wait(size);
    if (this.#error !== undefined) {
      this.#slices.drop();
      throw this.#error;
    }
    const value = this.#slices.take(size);
    if (this.#slices.left === 0) this.#slices = undefined;
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<Chunk>> {
    this.close();
    await this.#inner.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    return this;
  }

  /** Gives back what is held; who waits for it gets STOPPED. */
  close(error = new HydrantError('STOPPED', 'the body was closed before its end')): void {
    this.#error ??= error;
    this.#leave?.(error);
    this.#slices?.drop();
  }

  readonly #stop = (): void => this.close(new HydrantError('STOPPED', 'stopped', { cause: this.#signal?.reason }));

  async #wait(bytes: number): Promise<void> {
    this.#heldSince = this.#clock.now();
    this.#signal?.addEventListener('abort', this.#stop);
    try {
      await this.#line.wait(bytes, (leave) => {
        this.#leave = leave;
      });
    } catch (error) {
      this.close(toHydrantError(error, 'STOPPED'));
      throw error;
    } finally {
      this.#signal?.removeEventListener('abort', this.#stop);
      this.#leave = undefined;
      this.#held = this.heldBack;
      this.#heldSince = undefined;
    }
  }
}

/**
 * Delivers the bodies of another transport at no more than `limit` bytes per second over all of them. Limits stack: one
 * for everything, and around it one for each file. Closing it closes the other, so the inner limit is closed once, and
 * those around it are just dropped.
 */
export class LimitedTransport implements Transport {
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #line: Line;

  /** `limit` in bytes per second, undefined for none, or the line of a limit that others share. */
  constructor(inner: Transport, clock: Clock, limit?: number | Line) {
    this.#inner = inner;
    this.#clock = clock;
    this.#line = limit instanceof Line ? limit : new Line(limit ?? Infinity, clock);
  }

  /** Bytes per second, undefined for none; may be changed at any time. */
  get limit(): number | undefined {
    return this.#line.rate === Infinity ? undefined : this.#line.rate;
  }

  set limit(limit: number | undefined) {
    this.#line.rate = limit ?? Infinity;
  }

  async open(request: Request, signal?: AbortSignal): Promise<Response> {
    // One signal may stop many bodies; Node warns of a leak at eleven.
    if (signal !== undefined) setMaxListeners(0, signal);
    const inner = await this.#inner.open(request, signal);
    const body = new LimitedBody(inner.body, this.#line, this.#clock, signal);
    return {
      status: inner.status,
      headers: inner.headers,
      url: inner.url,
      framing: inner.framing,
      body,
      close: () => {
        body.close();
        inner.close();
      },
      get heldBack() {
        return body.heldBack + (inner.heldBack ?? 0);
      },
    };
  }

  async close(): Promise<void> {
    this.#line.close(new HydrantError('STOPPED', 'the transport was closed'));
    await this.#inner.close();
  }
}
