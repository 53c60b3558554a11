/** The server as it is started, found, asked and ended. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { tlsFixture } from '../fixtures/tls.ts';
import { Desk, hydrant, type Running, start } from './run.ts';

interface Serving {
  readonly running: Running;
  readonly url: string;
  /** What `name` says in what was said at the start. */
  told(name: string): string | undefined;
}

/** Starts a server on a port of its own, and waits until it has said where. */
const serve = async (desk: Desk, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Serving> => {
  const binds = args.includes('--bind') ? [] : ['--bind', '127.0.0.1:0'];
  const running = start('hydrant', ['serve', ...binds, ...args], { desk, env });
  const late = running.ended.then(({ code, stderr }) => {
    throw new Error(`ended with ${code}: ${stderr}`);
  });
  await Promise.race([expect.poll(() => running.stderr, { timeout: 10_000 }).toMatch(/^ {2}state .*\n/m), late]);
  late.catch(() => undefined);
  const told = (name: string): string | undefined => new RegExp(`^ {2}${name} +(.*)$`, 'm').exec(running.stderr)?.[1];
  return { running, url: /^hydrant serves (.*)$/m.exec(running.stderr)?.[1] ?? '', told };
};

const ask = (options: object | string, via = request): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = via(options as string, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on('error', reject).end();
  });

const stop = async ({ running }: Serving, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
  running.kill(signal);
  const ended = await running.ended;
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
};

describe('hydrant serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('runs on a fresh machine, and ends in good order with %s', async (signal) => {
    using desk = new Desk();
    const serving = await serve(desk);
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect([serving.told('cache'), serving.told('state')]).toEqual([
      desk.at('.cache', 'hydrant'),
      desk.at('.local', 'state', 'hydrant', 'tasks.json'),
    ]);
    expect(serving.told('token')).toBeUndefined();
    expect(await ask(`${serving.url}healthz`)).toBe('200 ok');
    expect(await ask(serving.url)).toMatch(/^200 <!doctype html>/);
    await stop(serving, signal);
    expect(serving.running.stderr).not.toMatch(/bug|^\s+at /m);
  });

  it('keeps things where it is told, by flags, names of the environment and a file alike', async () => {
    using desk = new Desk();
    writeFileSync(desk.at('c.toml'), 'cache-dir = "from-file"\n');
    const serving = await serve(desk, ['--state-file', 'from-flag.json', '--config', 'c.toml'], {
      HYDRANT_PUBLIC_URL: 'https://h.example/x',
    });
    expect([serving.url, serving.told('cache'), serving.told('state')]).toEqual([
      'https://h.example/x/',
      desk.at('from-file'),
      desk.at('from-flag.json'),
    ]);
    await stop(serving);
  });

  it('does not take a port that another has', async () => {
    using desk = new Desk();
    const serving = await serve(desk);
    const { port } = new URL(serving.url);
    const elsewhere = ['--state-file', 'other.json', '--cache-dir', 'other'];
    const second = await hydrant(['serve', '--bind', `127.0.0.1:${port}`, ...elsewhere], { desk, within: 10_000 });
    expect(second).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^hydrant: --bind 127\.0\.0\.1:\d+: the port is in use[^\n]*\n$/),
    });
    expect(await ask(`${serving.url}healthz`)).toBe('200 ok');
    await stop(serving);
  });

  it('listens on a socket file that a killed one left', async () => {
    using desk = new Desk();
    const first = await serve(desk, ['--bind', 'unix:h.sock']);
    first.running.kill('SIGKILL');
    await first.running.ended;
    expect(existsSync(desk.at('h.sock'))).toBe(true);
    const serving = await serve(desk, ['--bind', 'unix:h.sock']);
    expect(statSync(desk.at('h.sock')).mode & 0o777).toBe(0o600);
    expect(await ask({ socketPath: desk.at('h.sock'), path: '/healthz' })).toBe('200 ok');
    await stop(serving);
    expect(existsSync(desk.at('h.sock'))).toBe(false);
  });

  it('speaks TLS', async () => {
    using desk = new Desk();
    writeFileSync(desk.at('cert.pem'), tlsFixture.cert);
    writeFileSync(desk.at('key.pem'), tlsFixture.key);
    const serving = await serve(desk, ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem']);
    const { port, protocol } = new URL(serving.url);
    expect(protocol).toBe('https:');
    const place = { host: '127.0.0.1', port, path: '/healthz', ca: tlsFixture.cert };
    expect(await ask(place, secureRequest as typeof request)).toBe('200 ok');
    await stop(serving);
  });

  it('elsewhere than on loopback makes a token, says it once and keeps it', async () => {
    using desk = new Desk();
    const first = await serve(desk, ['--bind', '0.0.0.0:0']);
    const path = desk.at('.local', 'state', 'hydrant', 'tasks.token');
    const token = readFileSync(path, 'utf8').trim();
    expect(first.told('token')).toBe(`${token} (kept in ${path}, and shown this once)`);
    expect(await ask(`${first.url}healthz`)).toBe('200 ok');
    expect(await ask(first.url)).toMatch(/^401 /);
    const { hostname, port } = new URL(first.url);
    expect(await ask({ hostname, port, headers: { authorization: `Bearer ${token}` } })).toMatch(/^200 /);
    await stop(first);
    const second = await serve(desk, ['--bind', '0.0.0.0:0']);
    expect(second.told('token')).toBe(`the one in ${path}`);
    await stop(second);
  });

  it('published elsewhere makes a token, and links that nobody guesses', async () => {
    using desk = new Desk();
    const serving = await serve(desk, ['--public-url', 'https://example.org/h']);
    const [token = ''] = serving.told('token')?.split(' ') ?? [];
    expect(serving.url).toBe('https://example.org/h/');
    const server = `http://${serving.told('listens')}/h`;
    const ended = await hydrant(['task', 'add', '--server', server, '--token', token, 'https://example.org/film.mkv'], { desk });
    expect(ended.stdout.toString()).toMatch(/^https:\/\/example\.org\/h\/stream\/[a-z0-9]{16}\n$/);
    await stop(serving);
  });

  it('warns where anybody may use it', async () => {
    using desk = new Desk();
    const serving = await serve(desk, ['--bind', '0.0.0.0:0', '--no-auth']);
    await expect.poll(() => serving.told('warning')).toMatch(/--no-auth/);
    expect(await ask(serving.url)).toMatch(/^200 /);
    await stop(serving);
  });

  it('does not wait at the end for who sends nothing', async () => {
    using desk = new Desk();
    const serving = await serve(desk, ['--grace', '60s']);
    const socket = connect(Number(new URL(serving.url).port), '127.0.0.1');
    socket.on('error', () => undefined).write('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n');
    await stop(serving);
    socket.destroy();
  });
});

describe('a server with tasks', () => {
  const file = { size: 3_000_000, seed: 11 };
  const add = async (desk: Desk, serving: Serving, args: readonly string[]): Promise<string> => {
    const ended = await hydrant(['task', 'add', '--server', serving.url, ...args], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    return ended.stdout.toString().trim();
  };
  /** What is streamed under `link`; rejects where that breaks off. */
  const bytesOf = async (link: string): Promise<Buffer> => Buffer.from(await (await fetch(link)).arrayBuffer());

  it('serves their files under the links that it told, and after a restart still', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file } });
    const first = await serve(desk);
    const link = await add(desk, first, ['--name', 'film', '--cache', origin.url('/film.bin')]);
    expect(link.startsWith(`${first.url}stream/`)).toBe(true);
    expect((await bytesOf(link)).equals(contentOf(file.seed, 0, file.size))).toBe(true);
    await stop(first);
    await origin.close();
    const second = await serve(desk);
    expect(second.told('state')).toMatch(/, one task$/);
    const again = link.replace(first.url, second.url);
    expect((await bytesOf(again)).equals(contentOf(file.seed, 0, file.size))).toBe(true);
    await stop(second);
  });

  it('fetches what nobody made a task of', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file } });
    const serving = await serve(desk);
    const url = origin.url('/film.bin');
    for (const path of [`fetch?url=${encodeURIComponent(url)}`, `fetch/${url}`]) {
      expect((await bytesOf(`${serving.url}${path}`)).equals(contentOf(file.seed, 0, file.size)), path).toBe(true);
    }
    await stop(serving);
  });

  it('asks a token for tasks and not for links, which nobody guesses', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file } });
    const args = ['--bind', '0.0.0.0:0', '--token', 'a-long-token', '--upstream-policy', 'any'];
    const serving = await serve(desk, args);
    const without = await hydrant(['task', 'add', '--server', serving.url, origin.url('/film.bin')], { desk });
    expect(without).toMatchObject({ code: 2, stderr: expect.stringMatching(/needs its token/) });
    const link = await add(desk, serving, ['--token', 'a-long-token', origin.url('/film.bin')]);
    expect(link).toMatch(/\/stream\/[a-z0-9]{16}$/);
    expect((await bytesOf(link)).length).toBe(file.size);
    await stop(serving);
  });

  it('serves a signed link as often as its bytes allow, and no link that was tampered with', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file } });
    const serving = await serve(desk);
    const link = await add(desk, serving, ['--cache', origin.url('/film.bin')]);
    const id = link.split('/').at(-1) ?? '';
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ max_bytes: file.size });
    const made = await fetch(`${serving.url}api/tasks/${id}/links`, { method: 'POST', headers, body });
    const { url } = (await made.json()) as { url: string };
    expect((await bytesOf(`${url}/film.bin`)).equals(contentOf(file.seed, 0, file.size))).toBe(true);
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(`${url.slice(0, -1)}_`)).status).toBe(404);
    expect((await fetch(`${serving.url}s/nothing`)).status).toBe(404);
    await stop(serving);
  });

  it('fetches nothing from this machine where sources must be public', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file } });
    const serving = await serve(desk, ['--upstream-policy', 'public']);
    for (const url of [origin.url('/film.bin'), origin.url('/film.bin').replace('127.0.0.1', 'localhost')]) {
      const answer = await fetch(`${serving.url}fetch?url=${encodeURIComponent(url)}`);
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'FORBIDDEN_ADDRESS' }]);
    }
    expect(origin.requests).toEqual([]);
    await stop(serving);
  });

  it('lets a stream end that ends within the grace, and cuts one that does not', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/film.bin': file }, rate: { total: 2_000_000 } });
    for (const [grace, whole] of [
      ['20s', true],
      ['200ms', false],
    ] as const) {
      const serving = await serve(desk, ['--grace', grace]);
      const answer = await fetch(await add(desk, serving, [origin.url('/film.bin')]));
      serving.running.kill('SIGTERM');
      const read = answer.arrayBuffer().then(({ byteLength }) => byteLength === file.size);
      await (whole ? expect(read).resolves.toBe(true) : expect(read).rejects.toThrow());
      const ended = await serving.running.ended;
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
    }
  });
});

describe('a server that cannot be', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['a port alone', ['--bind', '9527'], /127\.0\.0\.1:9527/],
    ['an address of others', ['--bind', '192.0.2.1:9527'], /no such address/],
    ['a name that is none', ['--bind', 'none.invalid:9527'], /no such host/],
    ['a certificate without a key', ['--tls-cert', 'c.pem'], /--tls-key/],
    ['a certificate that is not there', ['--tls-cert', 'c.pem', '--tls-key', 'k.pem'], /--tls-cert/],
    ['a token that is short', ['--token', 'x'], /--token/],
    ['a token and none', ['--token', 'long-enough', '--no-auth'], /--no-auth/],
    ['a public URL that is none', ['--public-url', 'example.org'], /--public-url/],
    ['an origin that is none', ['--allow-origin', '*'], /--allow-origin/],
    ['a host with a port', ['--allow-host', 'a:1'], /--allow-host/],
    ['a policy that is none', ['--upstream-policy', 'some'], /public, any/],
    ['a URL', ['http://127.0.0.1:1/a'], /hydrant task add/],
    ['a misspelt option', ['--cache-dirs', 'x'], /--cache-dir/],
    ['an option of others', ['--output', 'x'], /--output/],
  ])('is refused in one line: %s', async (_, args, says) => {
    using desk = new Desk();
    const ended = await hydrant(['serve', ...args], { desk, within: 10_000 });
    expect(ended, ended.stderr).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
    expect(ended.stderr).toMatch(/^hydrant: [^\n]*\n$/);
  });
});
