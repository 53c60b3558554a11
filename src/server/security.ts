/**
 * Who may ask for what. Every request passes here before anything else looks at it: its Host (DNS rebinding), where a
 * browser says it comes from (cross-site requests), and the token. Pages of other sites may show what is under short
 * links and touch nothing else; links need no token, since nobody guesses them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { HydrantError } from '../core/errors.ts';
import { type Problem, problemOf, statusProblem } from '../http/problem.ts';
import { Attempts } from './attempts.ts';
import { type Room, siteCheck, type Verdict } from './cross-site.ts';
import { answerElsewhere, answerProblem, answerText } from './plain-answer.ts';
import { hostCheck, parseHost, type RequestHost } from './request-host.ts';
import { isSession, isToken, sessionOf } from './token.ts';

/** Whom the server answers. */
export interface SecurityOptions {
  /** Hosts that requests may name beside loopback and addresses. */
  readonly hosts: readonly string[];
  /** Origins under which the server is known, such as that of its public URL. */
  readonly ownOrigins: readonly string[];
  /** Origins whose pages may use the server. */
  readonly origins: readonly string[];
  /** Undefined: nobody needs one. */
  readonly token: string | undefined;
  /** Path below which the server is served: empty, or `/like/this`. */
  readonly base: string;
  readonly now?: () => number;
}

/** The name of the page's cookie. */
export const cookieName = 'hydrant';

const pagePolicy =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** Files come from anywhere: shown in a window of their own, they are no part of this site. */
const filePolicy = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox";

const exposed =
  'Accept-Ranges, Cache-Status, Content-Disposition, Content-Encoding, Content-Length, Content-Range, ETag, Last-Modified, Location, Retry-After, Server-Timing, X-Hydraria-Task';
const sendable =
  'Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Last-Event-ID, Range';

/** Judges requests; the answers to those that it refuses are its own. */
export class Security {
  readonly attempts: Attempts;
  readonly #options: SecurityOptions;
  readonly #now: () => number;
  readonly #isOurs: (host: RequestHost) => boolean;
  readonly #verdict: ReturnType<typeof siteCheck>;

  constructor(options: SecurityOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.attempts = new Attempts(this.#now);
    this.#isOurs = hostCheck(options.hosts);
    this.#verdict = siteCheck(options.origins, options.ownOrigins);
  }

  /** Whether `request`, for a path of `room` on `host`, may go on. Where not, it has its answer. */
  admits(request: IncomingMessage, response: ServerResponse, room: Room, host: string | undefined): boolean {
    setHeaders(response, room);
    if (room === 'open') return true;
    const named = parseHost(host);
    if (named === undefined) return refuse(response, statusProblem(400, 'the request names no host that can be read'));
    if (!this.#isOurs(named)) {
      return refuse(response, statusProblem(421, `this server is not known as ${named.name}; --allow-host ${named.name} makes it answer`));
    }
    const { origin } = request.headers;
    const verdict = this.#verdict({
      method: request.method ?? '',
      room,
      host: named,
      origin,
      site: one(request.headers['sec-fetch-site']),
      mode: one(request.headers['sec-fetch-mode']),
    });
    if (this.#options.origins.length > 0) response.setHeader('vary', 'Origin');
    if (isPreflight(request)) return answerPreflight(request, response, verdict);
    if (verdict === 'refused') {
      const whose = origin === undefined ? 'another site' : origin;
      return refuse(response, statusProblem(403, `pages of ${whose} may not do this; --allow-origin lets them`));
    }
    if (verdict === 'allowed' && origin !== undefined) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', exposed);
    }
    return room === 'data' || room === 'login' || this.#knows(request, response, room);
  }

  /** Whether `given` is the token, `address` having tried no more often than it may; where not, why is answered. */
  proves(given: string, address: string, response: ServerResponse): boolean {
    const { token } = this.#options;
    const wait = address === '' ? 0 : this.attempts.wait(address);
    if (wait > 0) {
      response.setHeader('retry-after', Math.ceil(wait / 1000));
      return refuse(response, statusProblem(429, 'too many wrong tokens; try again later'));
    }
    if (token !== undefined && isToken(given, token)) return true;
    this.attempts.failed(address);
    return false;
  }

  /** A session for who has shown the token. */
  newSession(): string {
    return sessionOf(this.#options.token ?? '', this.#now());
  }

  /** Whether `request` shows a session that counts. */
  hasSession(request: IncomingMessage): boolean {
    const { token } = this.#options;
    return token !== undefined && cookiesOf(request).some((value) => isSession(value, token, this.#now()));
  }

  #knows(request: IncomingMessage, response: ServerResponse, room: Room): boolean {
    if (this.#options.token === undefined || this.hasSession(request)) return true;
    const [, bearer] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    if (bearer !== undefined && this.proves(bearer, request.socket.remoteAddress ?? '', response)) return true;
    if (response.writableEnded) return false;
    if (bearer === undefined && room === 'page' && wantsPage(request)) {
      answerElsewhere(response, `${this.#options.base}/login`);
      return false;
    }
    response.setHeader('www-authenticate', `Bearer realm="hydrant"${bearer === undefined ? '' : ', error="invalid_token"'}`);
    const why = bearer === undefined ? 'a token is needed: Authorization: Bearer TOKEN' : 'this is not the token';
    return refuse(response, problemOf(new HydrantError('UNAUTHORIZED', why)));
  }
}

const refuse = (response: ServerResponse, problem: Problem): false => {
  answerProblem(response, problem);
  return false;
};

const setHeaders = (response: ServerResponse, room: Room): void => {
  const isFile = room === 'data' || room === 'fetch';
  response.setHeader('x-content-type-options', 'nosniff');
  // `no-referrer` would make a form's Origin `null`, and then it could not be told from that of another site.
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('content-security-policy', isFile ? filePolicy : pagePolicy);
  if (isFile) return;
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
};

const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** What a browser asks before it lets a page send anything but the simplest requests. */
const answerPreflight = (request: IncomingMessage, response: ServerResponse, verdict: Verdict): false => {
  const { origin } = request.headers;
  if (verdict !== 'allowed' || origin === undefined) {
    return refuse(response, statusProblem(403, `pages of ${origin} may not do this; --allow-origin lets them`));
  }
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  response.setHeader('access-control-allow-headers', sendable);
  response.setHeader('access-control-max-age', 600);
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
  answerText(response, 204, 'text/plain; charset=utf-8', '');
  return false;
};

const one = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

const cookiesOf = (request: IncomingMessage): readonly string[] =>
  (request.headers.cookie ?? '')
    .split(/; */)
    .flatMap((pair) => (pair.startsWith(`${cookieName}=`) ? [pair.slice(cookieName.length + 1)] : []));

const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(headers.accept ?? '');
