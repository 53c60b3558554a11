import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { HydrantError } from '../core/errors.ts';
import { type Problem, problemOf, statusProblem } from '../http/problem.ts';
import type { Room } from './cross-site.ts';
import { answerLogin, answerLogout, type LoginOptions } from './login.ts';
import { answerElsewhere, answerProblem } from './plain-answer.ts';
import { targetOf } from './request-host.ts';

/** What answers for files: `path` is the request's target below the base, with its query. */
export interface DataPlane {
  handle(request: IncomingMessage, response: ServerResponse, path: string): void;
}

/** What is behind the door. */
export interface Rooms {
  /** `/stream/…`, `/s/…` and `/fetch…`. */
  readonly data: DataPlane;
  /** All else; finds the target below the base in `request.url`. */
  readonly control: RequestListener;
}

/** Answers requests: security first, then the part of the server that each is for. */
export const routerOf = (rooms: Rooms, login: LoginOptions): RequestListener => {
  const { security, base } = login;
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path: asked, host } = targetOf(request.url ?? '', request.headers.host);
    const target = below(base, asked);
    const path = target.replace(/[?#].*$/s, '');
    const room = roomOf(path);
    if (!security.admits(request, response, room, host)) return;
    // Links on a page are relative to the folder that it is in.
    if (base !== '' && asked === base) return answerElsewhere(response, `${base}/`);
    if (path === '/login') return answerLogin(request, response, login);
    if (path === '/logout') return answerLogout(request, response, login);
    if (room === 'data' || room === 'fetch') return rooms.data.handle(request, response, target);
    request.url = target;
    rooms.control(request, response);
  };
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      // A client that leaves while it is read from is none of our failures.
      if (response.headersSent || request.destroyed) response.destroy();
      else answerProblem(response, problemFor(error));
    });
  };
};

const problemFor = (error: unknown): Problem =>
  error instanceof HydrantError ? problemOf(error) : statusProblem(500, 'this is a bug in hydrant, please report it');

/** The part of the server that `path`, without its query, leads to. */
export const roomOf = (path: string): Room => {
  if (path === '/healthz' || path === '/readyz') return 'open';
  if (path === '/login' || path === '/logout') return 'login';
  if (path.startsWith('/stream/') || path.startsWith('/s/')) return 'data';
  if (path === '/fetch' || path.startsWith('/fetch/')) return 'fetch';
  return path === '/metrics' || path === '/api' || path.startsWith('/api/') ? 'control' : 'page';
};

/** `target` without `base`: proxies take it away, or leave it. */
const below = (base: string, target: string): string => {
  if (base === '' || !target.startsWith(base)) return target;
  const rest = target.slice(base.length);
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest.startsWith('/') ? rest : target;
};
