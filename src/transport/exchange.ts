import type { Dispatcher } from 'undici';

import { HydrantError } from '../core/errors.ts';
import type { Fields, Framing, Request } from '../core/ports.ts';
import { Body, type Tally } from './body.ts';
import type { Connection, Connections } from './connection.ts';
import { failureOf, type Phase, type Place, placeOf } from './failure.ts';

/** A request whose sender wants to know when it is written to an open connection, be it after a redirect or anew. */
export interface WatchedRequest extends Request {
  readonly sent?: (() => void) | undefined;
}

/** One request as it goes on the wire. */
export interface Order extends Omit<WatchedRequest, 'url'> {
  readonly url: URL;
}

/** The head of an answer, with its body still to come. */
export interface Answer {
  readonly status: number;
  readonly headers: Fields;
  readonly framing: Framing;
  readonly body: Body;
}

/** Raw field lines as fields; octets become characters one by one (RFC 9110 §5.5). */
const fieldsOf = (raw: Dispatcher.DispatchController['rawHeaders']): Fields => {
  const fields = new Map<string, string>();
  if (!Array.isArray(raw)) return fields;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as Buffer).toString('latin1').toLowerCase();
    const value = (raw[index + 1] as Buffer).toString('latin1').trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
};

const bodiless = (method: string, status: number): boolean => method === 'HEAD' || status === 204 || status === 304;

/** How the end of the body is told (RFC 9112 §6.3). Throws SOURCE_UNREACHABLE for codings that were not asked for. */
const framingOf = (method: string, status: number, fields: Fields, place: Place): Framing => {
  if (bodiless(method, status)) return 'length';
  const coding = fields.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked') return 'chunked';
    throw new HydrantError('SOURCE_UNREACHABLE', `${place.host} answers with the transfer coding "${coding}"`, {
      url: place.url,
      retry: 'never',
    });
  }
  return fields.has('content-length') ? 'length' : 'close';
};

/** One request on one connection, which it gives back when the answer is complete and destroys otherwise. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #order: Order;
  readonly #place: Place;
  readonly #connection: Connection;
  readonly #connections: Connections;
  readonly #tally: Tally;
  readonly #signal: AbortSignal | undefined;
  #resolve: (answer: Answer) => void = () => {};
  #reject: (error: HydrantError) => void = () => {};
  #phase: Phase = 'connect';
  #reused = false;
  #framing: Framing = 'length';
  #body: Body | undefined;
  #stale = false;
  #over = false;

  constructor(order: Order, connection: Connection, connections: Connections, tally: Tally, signal?: AbortSignal) {
    this.#order = order;
    this.#place = placeOf(order.url);
    this.#connection = connection;
    this.#connections = connections;
    this.#tally = tally;
    this.#signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal?.addEventListener('abort', this.#stop);
    const { method, url, headers } = order;
    connection.dispatch({ method, path: url.pathname + url.search, headers }, this);
  }

  /** Whether it failed without a byte of an answer on a connection that its source may have been closing just then. */
  get stale(): boolean {
    return this.#stale;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#reused = this.#connection.begin(() => controller.resume());
    this.#phase = 'wait';
    this.#order.sent?.();
  }

  onResponseStarted(): void {
    this.#phase = 'head';
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    const headers = fieldsOf(controller.rawHeaders);
    const framing = framingOf(this.#order.method, status, headers, this.#place);
    const sized = framing === 'length' ? Number(headers.get('content-length')) : undefined;
    const length = bodiless(this.#order.method, status) ? 0 : sized;
    const feed = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      cut: () => this.#fail(new HydrantError('STOPPED', 'the answer was closed', { url: this.#place.url })),
    };
    this.#phase = 'body';
    this.#framing = framing;
    this.#body = new Body(feed, this.#tally, length);
    this.#resolve({ status, headers, framing, body: this.#body });
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    if (this.#framing === 'close' && this.#connection.reset) {
      this.#fail(failureOf(new Error('the connection was reset'), this.#place, 'body'));
      return;
    }
    this.#settle();
    this.#connections.give(this.#connection);
    this.#body?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return;
    const failure = failureOf(error, this.#place, this.#phase);
    this.#stale = this.#reused && this.#phase === 'wait' && failure.code === 'SOURCE_UNREACHABLE';
    this.#fail(failure);
  }

  readonly #stop = (): void => {
    const cause: unknown = this.#signal?.reason;
    this.#fail(new HydrantError('STOPPED', 'stopped', { url: this.#place.url, cause }), true);
  };

  #fail(error: HydrantError, now = false): void {
    if (this.#over) return;
    this.#settle();
    void this.#connections.drop(this.#connection, error);
    this.#reject(error);
    this.#body?.fail(error, now);
  }

  #settle(): void {
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#stop);
  }
}
