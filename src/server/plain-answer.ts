import type { ServerResponse } from 'node:http';

import { type Problem, problemType } from '../http/problem.ts';

/** Answers with `problem` (RFC 9457). */
export const answerProblem = (response: ServerResponse, problem: Problem): void =>
  answerText(response, problem.status, problemType, JSON.stringify(problem));

/** Answers with a page. */
export const answerPage = (response: ServerResponse, page: string, status = 200): void =>
  answerText(response, status, 'text/html; charset=utf-8', page);

/** Sends the client to `location`, to be asked for with GET. */
export const answerElsewhere = (response: ServerResponse, location: string): void => {
  response.setHeader('location', location);
  answerText(response, 303, 'text/plain; charset=utf-8', '');
};

/** Answers with `body`; nothing of it is kept by caches. Node leaves it out where the request is HEAD. */
export const answerText = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' }).end(body);
};

/** `text` within HTML. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
