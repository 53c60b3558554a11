import { setMaxListeners } from 'node:events';

import { HydrantError, redactUrl } from '../core/errors.ts';
import type { Response, Transport } from '../core/ports.ts';
import { headersFor, isRedirect, nextLocation } from '../http/redirect.ts';
import type { Tally } from './body.ts';
import { Connections } from './connection.ts';
import { type DialOptions, dialer } from './dial.ts';
import { type Answer, Exchange, type Order, type WatchedRequest } from './exchange.ts';
import { userAgent } from './user-agent.ts';

const redirectLimit = 20;

/** `url` as a URL without userinfo and fragment, and the Authorization field that the userinfo makes. Throws OPTION_INVALID. */
const readUrl = (text: string): { url: URL; authorization: string | undefined } => {
  const refuse = (why: string): HydrantError => new HydrantError('OPTION_INVALID', `"${redactUrl(text)}" ${why}`, { url: text });
  if (!URL.canParse(text)) throw refuse('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('is neither http nor https');
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  if (username === '' && password === '') return { url, authorization: undefined };
  return { url, authorization: `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}` };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** `headers` with the fields that every request carries, unless they are among them, and `authorization`. */
const withDefaults = (headers: Readonly<Record<string, string>>, authorization?: string): Record<string, string> => {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const complete: Record<string, string> = { ...headers };
  if (!names.has('user-agent')) complete['user-agent'] = userAgent;
  if (!names.has('accept')) complete.accept = '*/*';
  if (!names.has('accept-encoding')) complete['accept-encoding'] = 'identity';
  if (authorization !== undefined && !names.has('authorization')) complete.authorization = authorization;
  return complete;
};

/** HTTP/1.1 over kept connections, one request at a time on each and as many connections as there are requests. */
export class GeneralTransport implements Transport {
  readonly #connections: Connections;
  readonly #tally: Tally = { waiting: 0 };
  #closed = false;

  /** Throws OPTION_INVALID for an interface that is not there. */
  constructor(options: DialOptions = {}) {
    this.#connections = new Connections(dialer(options));
  }

  /** Payload bytes that have come and were not read yet, over all answers. */
  get bytesWaiting(): number {
    return this.#tally.waiting;
  }

  /** Connections that are open or being opened. */
  get connections(): number {
    return this.#connections.count;
  }

  async open(request: WatchedRequest, signal?: AbortSignal): Promise<Response> {
    // One signal may stop many requests; Node warns of a leak at eleven.
    if (signal !== undefined) setMaxListeners(0, signal);
    const { url: first, authorization } = readUrl(request.url);
    const headers = withDefaults(request.headers, authorization);
    const seen = new Set<string>();
    const { method, sent } = request;
    let order: Order = { method, url: first, headers, sent };
    for (;;) {
      const { url } = order;
      const answer = await this.#ask(order, signal);
      const location = isRedirect(answer.status) ? answer.headers.get('location') : undefined;
      if (location === undefined) return responseOf(url.href, answer);
      answer.body.close();
      seen.add(url.href);
      const next = readUrl(nextLocation(url.href, location));
      if (seen.has(next.url.href) || seen.size > redirectLimit) {
        const why = seen.size > redirectLimit ? `redirects more than ${redirectLimit} times` : 'redirects in a circle';
        throw new HydrantError('SOURCE_REFUSED', `${first.host} ${why}`, { url: first.href, status: answer.status, retry: 'never' });
      }
      const kept = headersFor(next.url, first, headers);
      order = { method, url: next.url, headers: withDefaults(kept, next.authorization), sent };
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connections.close(new HydrantError('STOPPED', 'the transport was closed'));
  }

  /** A kept connection may be closed by its source just as it is used again, which says nothing of the source: asks anew, once. */
  async #ask(order: Order, signal: AbortSignal | undefined): Promise<Answer> {
    const exchange = this.#send(order, signal, false);
    try {
      return await exchange.answer;
    } catch (error) {
      if (!exchange.stale) throw error;
      return await this.#send(order, signal, true).answer;
    }
  }

  #send(order: Order, signal: AbortSignal | undefined, fresh: boolean): Exchange {
    if (this.#closed) throw new HydrantError('STOPPED', 'the transport was closed');
    if (signal?.aborted) throw new HydrantError('STOPPED', 'stopped', { url: order.url.href, cause: signal.reason });
    const connection = this.#connections.take(order.url, fresh);
    return new Exchange(order, connection, this.#connections, this.#tally, signal);
  }
}

const responseOf = (url: string, { status, headers, framing, body }: Answer): Response => ({
  status,
  headers,
  url,
  framing,
  body,
  close: () => body.close(),
});
