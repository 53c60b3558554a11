/** The server as it is started, found, asked and ended. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';

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
