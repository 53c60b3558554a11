import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { statusProblem } from '../http/problem.ts';
import { answerElsewhere, answerPage, answerProblem, escaped } from './plain-answer.ts';
import { cookieName, type Security } from './security.ts';
import { sessionSeconds } from './token.ts';

/** What logging in needs to know. */
export interface LoginOptions {
  readonly security: Security;
  readonly token: string | undefined;
  readonly base: string;
  /** Whether browsers reach the server over TLS, at a proxy too: the cookie then goes over nothing else. */
  readonly secure: boolean;
}

const formLimit = 4096;

/** Answers `GET|POST /login`: a form for the token, and for the right one a cookie that stands for it. */
export const answerLogin = async (request: IncomingMessage, response: ServerResponse, options: LoginOptions): Promise<void> => {
  const { security, token, base } = options;
  const home = `${base}/`;
  if (token === undefined) return answerElsewhere(response, home);
  if (request.method === 'GET' || request.method === 'HEAD') {
    return security.hasSession(request) ? answerElsewhere(response, home) : answerForm(response, base, '');
  }
  if (request.method !== 'POST') return refuseMethod(response, 'GET, HEAD, POST');
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    return answerProblem(response, statusProblem(415, 'the token comes as a form: token=…'));
  }
  const text = await textOf(request);
  if (text === undefined) return answerProblem(response, statusProblem(413, 'the form is too large'));
  const given = new URLSearchParams(text).get('token')?.trim() ?? '';
  if (!security.proves(given, request.socket.remoteAddress ?? '', response)) {
    if (!response.writableEnded) answerForm(response, base, 'That is not the token.', 401);
    return;
  }
  setCookie(response, options, security.newSession(), sessionSeconds);
  answerElsewhere(response, home);
};

/** Answers `POST /logout`: the browser forgets the cookie. */
export const answerLogout = (request: IncomingMessage, response: ServerResponse, options: LoginOptions): void => {
  if (request.method === 'POST') {
    setCookie(response, options, '', 0);
    answerElsewhere(response, `${options.base}/login`);
  } else refuseMethod(response, 'POST');
};

const setCookie = (response: ServerResponse, { base, secure }: LoginOptions, value: string, age: number): void => {
  const flags = `Path=${base}/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  response.setHeader('set-cookie', `${cookieName}=${value}; ${flags}`);
};

const refuseMethod = (response: ServerResponse, allowed: string): void => {
  response.setHeader('allow', allowed);
  answerProblem(response, statusProblem(405, `this takes ${allowed}`));
};

/** The body of a form; undefined where it is longer than any token. */
const textOf = async (request: IncomingMessage): Promise<string | undefined> => {
  let text = '';
  // The rest of a form that is too long is left to Node: the answer must still get through.
  for await (const part of request.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += String(part);
    if (text.length > formLimit) return undefined;
  }
  return text;
};

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 90vh; margin: 0; }
form { display: grid; gap: .75rem; width: min(22rem, 90vw); }
input, button { font: inherit; padding: .5rem .75rem; }
`;

/** The form loads nothing, and has one style, which is known by its digest. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const answerForm = (response: ServerResponse, base: string, complaint: string, status = 200): void => {
  response.setHeader('content-security-policy', policy);
  answerPage(response, form(base, complaint), status);
};

const form = (base: string, complaint: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hydrant: log in</title>
<style>${style}</style>
</head>
<body>
<form method="post" action="${escaped(base)}/login">
<label for="token">Token of this server</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
<p role="alert">${escaped(complaint)}</p>
</form>
</body>
</html>
`;
