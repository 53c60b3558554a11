import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';

import { routerOf } from '../../src/server/router.ts';
import { Security, type SecurityOptions } from '../../src/server/security.ts';

const token = 'a-token-of-the-test';

interface Told {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly code: string | undefined;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Door {
  readonly port: number;
  ask(path: string, asking?: Asking): Promise<Told>;
}

/** A door before rooms that only say which of them they are, and what they were asked. */
const door = async (options: Partial<SecurityOptions> & { readonly secure?: boolean } = {}): Promise<Door> => {
  const all = { hosts: [], ownOrigins: [], origins: [], token: undefined, base: '', ...options };
  const rooms = {
    data: { handle: (_: IncomingMessage, response: ServerResponse, path: string) => void response.end(`data ${path}`) },
    control: (asked: IncomingMessage, response: ServerResponse) => void response.end(`control ${asked.url}`),
  };
  const security = new Security(all);
  const server = createServer(routerOf(rooms, { security, token: all.token, base: all.base, secure: options.secure === true }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Told> =>
    new Promise((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const isProblem = response.headers['content-type'] === 'application/problem+json' && text !== '';
          const code = isProblem ? (JSON.parse(text) as { code: string }).code : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
        });
      });
      asked.on('error', reject).end(body);
    });
  return { port, ask };
};

describe('the host of a request', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost:9527',
    'localhost.',
    'hydrant.localhost:1',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:9527',
    '192.168.1.20:9527',
    'nas.example:9527',
    'NAS.example',
    'media.example',
  ])('is ours: %s', async (host) => {
    const { ask } = await door({ hosts: ['nas.example', 'media.example'] });
    expect(await ask('/api/tasks', { headers: { host } })).toMatchObject({ status: 200 });
  });

  it.each([
    'evil.example',
    'evil.example:9527',
    'localhost.evil.example',
    'evil-localhost',
    'nas.example.evil.example',
    '127.0.0.1.evil.example',
    'xn--lcalhost-n4a',
  ])('is not ours, wherever that name leads: %s', async (host) => {
    const { ask } = await door({ hosts: ['nas.example'] });
    for (const path of ['/', '/api/tasks', '/stream/abc123', '/s/x', '/fetch?url=http://a/', '/metrics', '/login']) {
      expect(await ask(path, { headers: { host } }), path).toMatchObject({ status: 421, code: 'MISDIRECTED_REQUEST' });
    }
  });

  it.each(['a b', 'user@localhost', 'localhost/..', '[localhost]', '[::1', 'localhost:port', 'localhost, localhost'])(
    'is none at all: %j',
    async (host) => {
      const { ask } = await door();
      expect(await ask('/api/tasks', { headers: { host } })).toMatchObject({ status: 400 });
    },
  );

  it('in a whole URL wins over the field', async () => {
    const { ask } = await door();
    expect(await ask('http://evil.example/api/tasks', { headers: { host: 'localhost' } })).toMatchObject({ status: 421 });
    expect(await ask('http://localhost/api/tasks', { headers: { host: 'evil.example' } })).toMatchObject({ body: 'control /api/tasks' });
  });

  it('matters to no health check', async () => {
    const { ask } = await door({ token });
    for (const path of ['/healthz', '/readyz'])
      expect(await ask(path, { headers: { host: 'pod-7.cluster' } })).toMatchObject({ status: 200 });
  });
});

describe('a page of another site', () => {
  const origin = 'https://evil.example';
  const changes = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

  it.each(changes)('changes nothing with %s', async (method) => {
    const { ask } = await door();
    for (const headers of [{ origin }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      expect(await ask('/api/tasks', { method, headers }), JSON.stringify(headers)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
  });

  it('changes nothing from another port of this machine', async () => {
    const { ask, port } = await door();
    for (const own of [`http://127.0.0.1:${port + 1}`, 'http://127.0.0.1', `http://localhost:${port}`]) {
      expect(await ask('/api/tasks', { method: 'POST', headers: { origin: own } }), own).toMatchObject({ status: 403 });
    }
  });

  it('reads nothing of the control plane, and has nothing fetched', async () => {
    const { ask } = await door();
    for (const path of ['/api/tasks', '/metrics', '/fetch?url=http://192.168.0.1/reboot', '/fetch/http://192.168.0.1/']) {
      expect(await ask(path, { headers: { origin } }), path).toMatchObject({ status: 403 });
      expect(await ask(path, { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }), path).toMatchObject({
        status: 403,
      });
    }
  });

  it('may link to the page, and to nothing that fetches', async () => {
    const { ask } = await door();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await ask('/', { headers })).toMatchObject({ status: 200 });
    expect(await ask('/', { method: 'POST', headers })).toMatchObject({ status: 403 });
    expect(await ask('/fetch?url=http://192.168.0.1/', { headers })).toMatchObject({ status: 403 });
  });

  it('shows what is under short links without reading it', async () => {
    const { ask } = await door();
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin }]) {
      const told = await ask('/stream/abc123', { headers });
      expect(told).toMatchObject({ status: 200, body: 'data /stream/abc123' });
      expect(told.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('gets no preflight through', async () => {
    const { ask } = await door();
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
    const told = await ask('/api/tasks', { method: 'OPTIONS', headers });
    expect(told).toMatchObject({ status: 403 });
    expect(told.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a page of an origin that was allowed', () => {
  const origin = 'https://player.example';

  it('reads and changes', async () => {
    const { ask } = await door({ origins: [origin] });
    for (const path of ['/api/tasks', '/stream/abc123', '/fetch?url=http://a/']) {
      const told = await ask(path, {
        method: path.startsWith('/api') ? 'POST' : 'GET',
        headers: { origin, 'sec-fetch-site': 'cross-site' },
      });
      expect(told).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin, vary: 'Origin' } });
      expect(told.headers['access-control-expose-headers']).toContain('Content-Range');
      expect(told.headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  it('gets its preflight through, from the Internet to this network too', async () => {
    const { ask } = await door({ origins: [origin], token });
    const headers = { origin, 'access-control-request-method': 'DELETE', 'access-control-request-private-network': 'true' };
    expect(await ask('/api/tasks/x', { method: 'OPTIONS', headers })).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': expect.stringContaining('DELETE'),
        'access-control-allow-headers': expect.stringContaining('Authorization'),
        'access-control-allow-private-network': 'true',
      },
    });
  });

  it('needs the token as everybody does', async () => {
    const { ask } = await door({ origins: [origin], token });
    const told = await ask('/api/tasks', { headers: { origin } });
    expect(told).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': origin } });
    expect(await ask('/api/tasks', { headers: { origin, authorization: `Bearer ${token}` } })).toMatchObject({ status: 200 });
  });

  it('is no other that begins or ends like it', async () => {
    const { ask } = await door({ origins: [origin] });
    for (const other of [
      'https://player.example.evil',
      'https://evil-player.example',
      'http://player.example',
      'https://player.example:8443',
    ]) {
      expect(await ask('/api/tasks', { headers: { origin: other } }), other).toMatchObject({ status: 403 });
    }
  });
});

describe('the page of the server itself', () => {
  it('changes what it likes', async () => {
    const { ask, port } = await door();
    const headers = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
    for (const method of ['POST', 'DELETE']) expect(await ask('/api/tasks', { method, headers })).toMatchObject({ status: 200 });
  });

  it('does so behind a proxy that speaks TLS', async () => {
    const { ask } = await door({ hosts: ['media.example'], ownOrigins: ['https://media.example'] });
    for (const host of ['media.example', 'media.example:443', 'localhost']) {
      const told = await ask('/api/tasks', { method: 'POST', headers: { host, origin: 'https://media.example' } });
      expect(told, host).toMatchObject({ status: 200 });
    }
  });

  it('finds no way to have the page or its login run what is not theirs', async () => {
    const { ask } = await door({ token });
    expect((await ask('/')).headers['content-security-policy']).toMatch(/^default-src 'self';(?!.*(?:unsafe|script-src|style-src))/);
    const login = await ask('/login');
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(login.body) ?? [];
    const digest = createHash('sha256').update(style).digest('base64');
    expect(login.headers['content-security-policy']).toMatch(/^default-src 'none';(?!.*unsafe)/);
    expect(login.headers['content-security-policy']).toContain(`style-src 'sha256-${digest}';`);
  });

  it('and programs that are no browser need no origin', async () => {
    const { ask } = await door();
    expect(await ask('/api/tasks', { method: 'POST' })).toMatchObject({ status: 200 });
  });

  it('cannot be framed, and what is under links is no part of it', async () => {
    const { ask } = await door();
    expect((await ask('/')).headers).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    for (const path of ['/stream/abc123', '/s/x', '/fetch?url=http://a/']) {
      expect((await ask(path)).headers).toMatchObject({
        'content-security-policy': expect.stringMatching(/; sandbox$/),
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

describe('where a token is needed', () => {
  const bearer = { authorization: `Bearer ${token}` };

  it.each([
    '/api/tasks',
    '/api/openapi.json',
    '/metrics',
    '/fetch?url=http://a/',
    '/fetch/http://a/',
    '/',
    '/assets/app.js',
    '//stream/x',
    '/Stream/x',
  ])('%s asks for it', async (path) => {
    const { ask } = await door({ token });
    const told = await ask(path);
    expect(told).toMatchObject({ status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': 'Bearer realm="hydrant"' } });
    expect(await ask(path, { headers: bearer })).toMatchObject({ status: 200 });
    expect(await ask(path, { headers: { authorization: `bearer  ${token} ` } })).toMatchObject({ status: 200 });
  });

  it.each(['/stream/abc123', '/stream/abc123/film.mkv', '/s/signed', '/healthz', '/readyz'])('%s does not', async (path) => {
    const { ask } = await door({ token });
    expect(await ask(path)).toMatchObject({ status: 200 });
  });

  it('nothing that only looks like a link goes without', async () => {
    const { ask } = await door({ token });
    for (const path of ['/stream', '/healthz/../api/tasks', '/healthz%2f..', '/login/../api', '/api/../healthz']) {
      expect(await ask(path), path).toMatchObject({ status: 401 });
    }
    // What goes to the data plane stays there, whatever the path says.
    expect(await ask('/stream/../api/tasks')).toMatchObject({ body: 'data /stream/../api/tasks' });
  });

  it.each(['Bearer wrong', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`, token, 'Bearer', ''])(
    '%j is not it',
    async (authorization) => {
      const { ask } = await door({ token });
      expect(await ask('/api/tasks', { headers: { authorization } })).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    },
  );

  it('guessing is slowed down, and goes on later', async () => {
    let now = 0;
    const { ask } = await door({ token, now: () => now });
    const guess = (given: string): Promise<Told> => ask('/api/tasks', { headers: { authorization: `Bearer ${given}` } });
    for (let count = 0; count < 10; count++) expect(await guess(`guess-${count}`)).toMatchObject({ status: 401 });
    expect(await guess('another')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(await guess(token)).toMatchObject({ status: 429 });
    now += 1000;
    expect(await guess(token)).toMatchObject({ status: 200 });
  });
});

describe('logging in', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const login = (ask: Door['ask'], given = token, headers: Readonly<Record<string, string>> = {}): Promise<Told> =>
    ask('/login', { method: 'POST', headers: { ...form, ...headers }, body: `token=${encodeURIComponent(given)}` });
  const cookieOf = ({ headers }: Told): string => headers['set-cookie']?.[0] ?? '';

  it('is where a browser without a session is sent', async () => {
    const { ask } = await door({ token });
    expect(await ask('/', { headers: { accept: 'text/html' } })).toMatchObject({ status: 303, headers: { location: '/login' } });
    expect(await ask('/api/tasks', { headers: { accept: 'text/html' } })).toMatchObject({ status: 401 });
    const page = await ask('/login');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.body).toContain('<form method="post" action="/login">');
  });

  it('gives a cookie that only this server sees, and that counts until it is over or the token is another', async () => {
    let now = 0;
    const { ask } = await door({ token, now: () => now });
    const told = await login(ask);
    expect(told).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(cookieOf(told)).toMatch(/^hydrant=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/);
    expect(cookieOf(told)).not.toContain(token);
    const cookie = `other=1; ${cookieOf(told).split(';')[0]}`;
    expect(await ask('/api/tasks', { headers: { cookie } })).toMatchObject({ status: 200 });
    expect(await (await door({ token: 'another-token' })).ask('/api/tasks', { headers: { cookie } })).toMatchObject({ status: 401 });
    expect(await ask('/api/tasks', { headers: { cookie: cookie.replace(/.$/, '_') } })).toMatchObject({ status: 401 });
    now += 30 * 86_400_000;
    expect(await ask('/api/tasks', { headers: { cookie } })).toMatchObject({ status: 401 });
  });

  it('marks the cookie for TLS where there is TLS, and for the base where there is one', async () => {
    const { ask } = await door({ token, secure: true, base: '/hydrant' });
    expect(cookieOf(await login(ask))).toMatch(/Path=\/hydrant\/; .*; Secure$/);
  });

  it('with a wrong token shows the form again, and too often not even that', async () => {
    const { ask } = await door({ token, now: () => 0 });
    for (let count = 0; count < 10; count++) {
      expect(await login(ask, 'wrong')).toMatchObject({ status: 401, body: expect.stringContaining('not the token') });
    }
    expect(await login(ask)).toMatchObject({ status: 429 });
  });

  it('is done by no other site, with no other kind of body, and with no book', async () => {
    const { ask } = await door({ token });
    expect(await login(ask, token, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await login(ask, token, { 'content-type': 'application/json' })).toMatchObject({ status: 415 });
    expect(await login(ask, 'a'.repeat(100_000))).toMatchObject({ status: 413 });
    expect(await ask('/login', { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST' } });
  });

  it('is undone by logging out, which no link does', async () => {
    const { ask } = await door({ token });
    expect(await ask('/logout')).toMatchObject({ status: 405 });
    const told = await ask('/logout', { method: 'POST' });
    expect(told).toMatchObject({ status: 303, headers: { location: '/login' } });
    expect(cookieOf(told)).toMatch(/^hydrant=; Path=\/; Max-Age=0;/);
  });

  it('is not needed where there is no token', async () => {
    const { ask } = await door();
    expect(await ask('/login')).toMatchObject({ status: 303, headers: { location: '/' } });
  });
});

describe('a base path', () => {
  it('is taken away, whether a proxy has done so before or not', async () => {
    const { ask } = await door({ base: '/hydrant' });
    expect(await ask('/hydrant')).toMatchObject({ status: 303, headers: { location: '/hydrant/' } });
    expect(await ask('/hydrant/')).toMatchObject({ body: 'control /' });
    expect(await ask('/hydrant/api/tasks?q=1')).toMatchObject({ body: 'control /api/tasks?q=1' });
    expect(await ask('/hydrant/stream/abc')).toMatchObject({ body: 'data /stream/abc' });
    expect(await ask('/api/tasks')).toMatchObject({ body: 'control /api/tasks' });
    expect(await ask('/hydrants')).toMatchObject({ body: 'control /hydrants' });
  });
});
