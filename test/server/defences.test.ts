/**
 * What an enemy tries, against the whole server on a socket. Addresses of the public Internet are led to loopback where a
 * test needs one that answers; nothing leaves this machine.
 */
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

import { Origin } from '../../src/testing/origin.ts';
import { composed } from './composed.ts';

const publicAddress = '8.8.8.8';

vi.mock('node:net', async (load) => {
  const net = await load<typeof import('node:net')>();
  const led = (options: NetConnectOpts & { host?: string }, ...rest: []) =>
    net.connect(options.host === '8.8.8.8' ? { ...options, host: '127.0.0.1' } : options, ...rest);
  return { ...net, connect: led };
});

const film = { size: 200_000, seed: 5 };
const token = 'a-token-of-the-test';

describe('a page that resolves its own name to this machine', () => {
  it.each(['rebind.example', 'rebind.example:9527', 'localhost.rebind.example', '127.0.0.1.rebind.example'])(
    'is told nothing as %s, and changes nothing',
    async (host) => {
      const { ask } = await composed();
      const { task_id: id } = (await ask('POST /api/tasks', { url: 'http://127.0.0.1:1/f' })).body;
      for (const what of [
        'GET /',
        'GET /api/tasks',
        'GET /metrics',
        `GET /stream/${id}`,
        'GET /fetch?url=http://127.0.0.1:1/',
        'GET /api/events',
      ]) {
        const { status, text } = await ask(what, undefined, { host });
        expect([what, status]).toEqual([what, 421]);
        expect(text).not.toContain(id);
      }
      for (const what of [
        'POST /api/tasks',
        `DELETE /api/tasks/${id}`,
        `PATCH /api/tasks/${id}`,
        'PUT /api/settings',
        'DELETE /api/cache',
      ]) {
        expect([what, (await ask(what, {}, { host })).status]).toEqual([what, 421]);
      }
      expect((await ask('GET /api/tasks')).body).toHaveLength(1);
    },
  );
});

describe('a page of another site', () => {
  it.each([
    ['its Origin', { origin: 'https://evil.example' }],
    ['an Origin that it hides', { origin: 'null' }],
    ['the word of the browser', { 'sec-fetch-site': 'cross-site' }],
    ['the word of the browser of a sibling', { 'sec-fetch-site': 'same-site' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ])('changes nothing, by %s', async (_, headers) => {
    const { ask } = await composed();
    const { task_id: id } = (await ask('POST /api/tasks', { url: 'http://127.0.0.1:1/f' })).body;
    for (const what of [
      'POST /api/tasks',
      'POST /api/tasks/import',
      'POST /api/probe',
      'PUT /api/settings',
      `PATCH /api/tasks/${id}`,
      `POST /api/tasks/${id}/pause`,
      `POST /api/tasks/${id}/links`,
      `DELETE /api/tasks/${id}`,
      'DELETE /api/cache',
      'POST /api/downloads',
      'POST /api/plugins/chacha20/forward',
    ]) {
      expect([what, (await ask(what, { url: 'http://127.0.0.1:1/g' }, headers)).status]).toEqual([what, 403]);
      // A form needs no preflight.
      const form = { ...headers, 'content-type': 'text/plain' };
      expect([what, (await ask(what, '{"url":"http://127.0.0.1:1/g"}', form)).status]).toEqual([what, 403]);
    }
    expect((await ask('GET /fetch?url=http://127.0.0.1:1/', undefined, headers)).status).toBe(403);
    expect((await ask('GET /api/tasks')).body).toMatchObject([{ task_id: id, paused: false }]);
  });
});

describe('a token', () => {
  const guarded = ['GET /', 'GET /api/tasks', 'POST /api/tasks', 'GET /metrics', 'GET /api/events', 'GET /fetch?url=http://127.0.0.1:1/'];

  it('that is absent or wrong opens nothing', async () => {
    const { ask } = await composed({ token });
    for (const authorization of [undefined, 'Bearer ', 'Bearer wrong-but-long', `Bearer ${token} `.repeat(2), `Basic ${token}`]) {
      for (const what of guarded) {
        const { status } = await ask(what, what.startsWith('POST') ? {} : undefined, authorization === undefined ? {} : { authorization });
        expect([what, authorization, status]).toEqual([what, authorization, expect.toSatisfy((found) => found === 401 || found === 429)]);
      }
    }
  });

  it('opens the API, and none is asked for where there is none', async () => {
    const locked = await composed({ token });
    expect((await locked.ask('GET /api/tasks', undefined, { authorization: `Bearer ${token}` })).body).toEqual([]);
    const open = await composed();
    expect((await open.ask('GET /api/tasks')).body).toEqual([]);
    expect((await open.ask('GET /api/tasks', undefined, { authorization: 'Bearer whatever' })).status).toBe(200);
  });

  it('is neither in answers nor in what describes the server', async () => {
    const { ask } = await composed({ token });
    const headers = { authorization: `Bearer ${token}` };
    for (const path of [
      '/',
      '/api/tasks',
      '/api/settings',
      '/api/global',
      '/api/openapi.json',
      '/metrics',
      '/api/tasks/export',
      '/login',
    ]) {
      expect((await ask(`GET ${path}`, undefined, headers)).text, path).not.toContain(token);
    }
  });
});

describe('a source on no public address', () => {
  const inner = [
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0/',
    'http://localhost/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
  ];

  it('is refused wherever a URL is taken, under the policy public', async () => {
    const { ask } = await composed({ upstreamPolicy: 'public' });
    for (const url of inner) {
      const fetched = await ask(`GET /fetch?url=${encodeURIComponent(url)}`);
      expect([url, fetched.status, fetched.body.code]).toEqual([url, 403, 'FORBIDDEN_ADDRESS']);
    }
    const [url = ''] = inner;
    const { task_id: id } = (await ask('POST /api/tasks', { url, cache: true })).body;
    expect((await ask(`GET /stream/${id}`)).status).toBe(403);
    expect((await ask(`HEAD /stream/${id}`)).status).toBe(403);
    expect((await ask(`POST /api/tasks/${id}/cache`)).status).toBe(403);
    expect((await ask('POST /api/probe', { url })).body).toMatchObject({ total_size: null, error: expect.stringContaining('public') });
    const { id: download } = (await ask('POST /api/downloads', { url })).body;
    await expect
      .poll(async () => (await ask(`GET /api/downloads/${download}`)).body)
      .toMatchObject({ state: 'failed', error: expect.stringContaining('public') });
  });

  it('is not reached by a mapping either, of a task or of all', async () => {
    await using origin = await Origin.start({ files: { '/film.bin': film } });
    const { ask } = await composed({ upstreamPolicy: 'public' });
    const host_mappings = [{ from: 'cdn.example', to: `127.0.0.1:${origin.port}` }];
    const { task_id: mapped } = (await ask('POST /api/tasks', { url: 'http://cdn.example/film.bin', host_mappings })).body;
    expect((await ask(`GET /stream/${mapped}`)).status).toBe(403);
    await ask('PUT /api/settings', { host_mappings });
    expect((await ask('GET /fetch?url=http://cdn.example/film.bin')).status).toBe(403);
    expect(origin.requests).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'])(
    'is not reached by a redirect of a public one to %s',
    async (host) => {
      await using inside = await Origin.start({ files: { '/film.bin': film } });
      await using outside = await Origin.start({
        files: { '/open.bin': film },
        faults: [{ kind: 'redirect', to: `http://${host}:${inside.port}/film.bin`, when: { path: '/moved.bin' } }],
      });
      const { ask } = await composed({ upstreamPolicy: 'public' });
      const at = (path: string): string => `http://${publicAddress}:${outside.port}${path}`;
      expect((await ask(`GET /fetch?url=${at('/open.bin')}`)).text).toHaveLength(film.size);
      for (const cache of [false, true]) {
        const { task_id: id } = (await ask('POST /api/tasks', { url: at('/moved.bin'), cache })).body;
        const { status, body } = await ask(`GET /stream/${id}`);
        expect([status, body.code]).toEqual([403, 'FORBIDDEN_ADDRESS']);
      }
      expect(outside.requests.some(({ target }) => target === '/moved.bin')).toBe(true);
      expect(inside.requests).toEqual([]);
    },
  );
});

describe('what could end a line of a head', () => {
  it('gets into no request upstream', async () => {
    await using origin = await Origin.start({ files: { '/film.bin': film } });
    const { ask } = await composed();
    const url = origin.url('/film.bin');
    for (const bad of [
      { 'X-A': 'a\r\nX-B: b' },
      { 'X-A': 'a\nb' },
      { 'X-A': 'a\0b' },
      { 'X-A\r\nX-B': 'b' },
      { 'X A': 'b' },
      { '': 'b' },
    ]) {
      expect((await ask('POST /api/tasks', { url, headers: bad })).status, JSON.stringify(bad)).toBe(400);
      expect((await ask('POST /api/probe', { url, headers: bad })).status, JSON.stringify(bad)).toBe(400);
      expect((await ask('POST /api/downloads', { url, headers: bad })).status, JSON.stringify(bad)).toBe(400);
    }
    expect((await ask('POST /api/tasks', { url: `${url}\r\nX-B: b` })).status).toBe(400);
    expect((await ask(`GET /fetch?url=${encodeURIComponent(`${url} HTTP/1.1\r\nX-B: b\r\n\r\n`)}`)).status).toBe(400);
    expect(origin.requests).toEqual([]);
  });

  it('gets into no answer of ours', async () => {
    await using origin = await Origin.start({ files: { '/film.bin': film } });
    const { ask } = await composed();
    const output_filename = 'a\r\nSet-Cookie: b=c\r\n\r\n"; x="../../\u202Egpj.exe';
    const { task_id: id } = (await ask('POST /api/tasks', { url: origin.url('/film.bin'), auto_filename: false, output_filename })).body;
    const { headers } = await ask(`HEAD /stream/${id}`);
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['content-disposition']).toMatch(/^inline; filename="[^"\\/\r\n\u202E]*"(; filename\*=UTF-8''[\w%.!#$&+^`|~-]*)?$/);
    for (const path of ['/stream/x%0d%0aSet-Cookie:%20b=c', '/s/x%0d%0aSet-Cookie:%20b=c', '/x%0d%0aSet-Cookie:%20b=c']) {
      expect((await ask(`GET ${path}`)).headers['set-cookie'], path).toBeUndefined();
    }
  });
});

describe('a path that leads out of the folder for files', () => {
  const outs = ['../out', '/tmp/out', 'a/../../out', '..', '.', '', 'a\\..\\..\\out', 'C:\\out', 'a/\0', '~/../../out'];

  it('is no name of a download', async () => {
    await using origin = await Origin.start({ files: { '/film.bin': film } });
    const { ask, folder } = await composed();
    for (const filename of outs) {
      expect((await ask('POST /api/downloads', { url: origin.url('/film.bin'), filename })).status, filename).toBe(400);
    }
    symlinkSync(folder, join(folder, 'files', 'link'));
    const { id: linked } = (await ask('POST /api/downloads', { url: origin.url('/film.bin'), filename: 'link/out' })).body;
    await expect
      .poll(async () => (await ask(`GET /api/downloads/${linked}`)).body)
      .toMatchObject({ state: 'failed', error: expect.stringContaining('"link"') });
    for (const output_filename of ['../out', '/tmp/hydrant-out']) {
      const { task_id } = (await ask('POST /api/tasks', { url: origin.url('/film.bin'), output_filename })).body;
      const { id } = (await ask('POST /api/downloads', { task_id })).body;
      await expect.poll(async () => (await ask(`GET /api/downloads/${id}`)).body.state).toMatch(/failed|done/);
    }
    expect(readdirSync(folder).sort()).toEqual(['cache', 'files', ...readdirSync(folder).filter((name) => name.startsWith('tasks.json'))]);
    expect(existsSync('/tmp/hydrant-out')).toBe(false);
  });

  it('is neither read nor written by the tool', async () => {
    const { ask, folder } = await composed();
    writeFileSync(join(folder, 'secret'), 'secret');
    writeFileSync(join(folder, 'files', 'own'), 'own');
    symlinkSync(folder, join(folder, 'files', 'link'));
    const run = async (params: object) =>
      JSON.parse((await ask('POST /api/plugins/chacha20/forward', { params })).text.trim().split('\n').at(-1) ?? '');
    for (const input_path of ['../secret', join(folder, 'secret'), 'link/secret', 'own/../../secret', '/etc/hostname']) {
      expect(await run({ input_path, output_dir: 'o' }), input_path).toMatchObject({ type: 'error' });
    }
    for (const output_dir of ['..', '../o', folder, 'link', 'link/o', 'o/../../o']) {
      expect(await run({ input_path: 'own', output_dir }), output_dir).toMatchObject({ type: 'error' });
    }
    for (const params of [{ filename_prefix: '../o' }, { filename_prefix: '/o' }, { volume_suffix: '/../../o{N}' }]) {
      expect(await run({ input_path: 'own', output_dir: 'o', ...params }), JSON.stringify(params)).toMatchObject({ type: 'error' });
    }
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
    expect(
      readdirSync(folder)
        .filter((name) => !name.startsWith('tasks.json'))
        .sort(),
    ).toEqual(['cache', 'files', 'secret']);
  });

  it('is no file of the server, however it is spelt', async () => {
    const { port } = await composed();
    for (const path of [
      '/../../etc/hostname',
      '/%2e%2e/%2e%2e/etc/hostname',
      '/stream/../../etc/hostname',
      '/api/../../etc/hostname',
      '//etc/hostname',
    ]) {
      expect(await raw(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`), path).toMatch(/^HTTP\/1\.1 40[04] /);
    }
  });
});

describe('a request that is too much', () => {
  it('is refused by its length, told or counted', async () => {
    const { ask, port } = await composed();
    const long = { url: 'http://127.0.0.1:1/f', name: 'x'.repeat(2 * 1_048_576) };
    for (const what of ['POST /api/tasks', 'POST /api/probe', 'PUT /api/settings', 'POST /api/downloads', 'POST /api/hostmap/resolve']) {
      const head = `${what} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      expect(await raw(port, `${head}Content-Length: 99999999\r\n\r\n`), what).toMatch(/^HTTP\/1\.1 413 /);
    }
    expect((await ask('POST /api/tasks', long)).status).toBe(413);
    expect((await ask('POST /api/tasks', long, { 'transfer-encoding': 'chunked' })).status).toBe(413);
    expect(await raw(port, 'POST /api/tasks/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 413 /,
    );
    expect((await ask('GET /api/tasks')).body).toEqual([]);
  });

  it('is refused by its head, by its parts and by their number', async () => {
    const { ask } = await composed();
    expect((await ask('GET /api/tasks', undefined, { 'x-long': 'x'.repeat(33_000) })).status).toBe(431);
    const url = 'http://127.0.0.1:1/f';
    const many = Array.from({ length: 20_000 }, (_, index) => `${url}${index}`);
    const fields = { name: 'x'.repeat(100_000), volumes: many, url: `${url}${'x'.repeat(100_000)}`, headers: { a: 'x'.repeat(100_000) } };
    for (const [field, value] of Object.entries(fields)) {
      expect([field, (await ask('POST /api/tasks', { ...(field === 'volumes' ? {} : { url }), [field]: value })).status]).toEqual([
        field,
        400,
      ]);
    }
  });
});

/** What comes back for `text`. */
const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setEncoding('latin1').on('data', (part) => {
      heard += String(part);
      if (heard.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', reject).on('close', () => resolve(heard));
    socket.write(text);
  });
