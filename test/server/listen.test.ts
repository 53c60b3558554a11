import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type RequestListener, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type Bind, parseBind } from '../../src/server/bind.ts';
import { type ListenerOptions, type Listening, listen } from '../../src/server/listen.ts';
import { tlsFixture } from '../fixtures/tls.ts';

const hello: RequestListener = (_, response) => response.end('hello');

const start = async (options: Partial<ListenerOptions> = {}, answer = hello): Promise<Listening> => {
  const listening = await listen({ binds: [parseBind('127.0.0.1:0')], ...options }, answer);
  onTestFinished(() => listening.close(0));
  return listening;
};

const portOf = (listening: Listening, index = 0): number => (listening.binds[index] as Extract<Bind, { kind: 'tcp' }>).port;

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'hydrant-listen-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const ask = (options: object, via = request): Promise<string> =>
  new Promise((resolve, reject) => {
    const asked = via({ agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`)).on('error', reject);
    });
    asked.on('error', reject).end();
  });

/** A connection that says `text`; resolves with what came until its end. */
const talk = (port: number, text: string): { socket: Socket; heard: Promise<string> } => {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (part) => {
    heard += part;
  });
  socket.on('error', () => undefined);
  if (text !== '') socket.write(text);
  onTestFinished(() => void socket.destroy());
  return { socket, heard: once(socket, 'close').then(() => heard) };
};

const freePort = async (host = '127.0.0.1'): Promise<number> => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

describe('listening', () => {
  it('is done in several places at once, a socket file among them', async () => {
    const path = join(folder(), 'hydrant.sock');
    const listening = await start({ binds: ['127.0.0.1:0', '127.0.0.2:0', `unix:${path}`].map(parseBind) });
    expect(await ask({ host: '127.0.0.1', port: portOf(listening) })).toBe('200 hello');
    expect(await ask({ host: '127.0.0.2', port: portOf(listening, 1) })).toBe('200 hello');
    expect(await ask({ socketPath: path })).toBe('200 hello');
  });

  it('is done by name', async () => {
    const listening = await start({ binds: [parseBind('localhost:0')] });
    expect(await ask({ host: 'localhost', port: portOf(listening) })).toBe('200 hello');
  });

  it('is done with TLS, and then with nothing else on a port', async () => {
    const path = join(folder(), 'hydrant.sock');
    const listening = await start({ binds: ['127.0.0.1:0', `unix:${path}`].map(parseBind), tls: tlsFixture });
    const port = portOf(listening);
    expect(await ask({ host: '127.0.0.1', port, ca: tlsFixture.cert }, secureRequest as typeof request)).toBe('200 hello');
    await expect(ask({ host: '127.0.0.1', port })).rejects.toThrow();
    expect(await ask({ socketPath: path })).toBe('200 hello');
  });

  it('is done on any address of both kinds on one port', async () => {
    const port = await freePort('0.0.0.0');
    const listening = await start({ binds: [`0.0.0.0:${port}`, `[::]:${port}`].map(parseBind) });
    expect(await ask({ host: '127.0.0.1', port })).toBe('200 hello');
    expect(listening.binds).toHaveLength(2);
  });

  it.each([
    ['a port in use', async () => `127.0.0.1:${portOf(await start())}`, /the port is in use/],
    ['an address of others', async () => '192.0.2.1:0', /no such address/],
    ['a folder that is not there', async () => `unix:${join(folder(), 'none', 'a.sock')}`, /folder/],
    ['a name that is not there', async () => 'none.invalid:0', /no such host/],
  ])('fails in one line for %s, and then nothing listens', async (_, place, says) => {
    const free = await freePort();
    const binds = [`127.0.0.1:${free}`, await place()].map(parseBind);
    await expect(start({ binds })).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringMatching(says) });
    await expect(ask({ host: '127.0.0.1', port: free })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails in one line for a key that is not the certificate’s', async () => {
    const tls = { cert: tlsFixture.cert, key: 'none' };
    await expect(start({ tls })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/--tls-cert and --tls-key/),
    });
  });
});

describe('a socket file', () => {
  it('is its owner’s alone, and gone at the end', async () => {
    const path = join(folder(), 'hydrant.sock');
    const listening = await start({ binds: [parseBind(`unix:${path}`)] });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await listening.close(0);
    expect(existsSync(path)).toBe(false);
  });

  it('that a killed server left is replaced', async () => {
    const path = join(folder(), 'hydrant.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    expect(statSync(path).isSocket()).toBe(true);
    await start({ binds: [parseBind(`unix:${path}`)] });
    expect(await ask({ socketPath: path })).toBe('200 hello');
  });

  it('on which a server listens is left to it', async () => {
    const path = join(folder(), 'hydrant.sock');
    await start({ binds: [parseBind(`unix:${path}`)] });
    await expect(start({ binds: [parseBind(`unix:${path}`)] })).rejects.toMatchObject({
      message: expect.stringMatching(/listens there already/),
    });
    expect(await ask({ socketPath: path })).toBe('200 hello');
  });

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, 'mine')],
    ['a link', (path) => symlinkSync('elsewhere', path)],
  ])('is never made in place of %s', async (_, make) => {
    const path = join(folder(), 'hydrant.sock');
    make(path);
    await expect(start({ binds: [parseBind(`unix:${path}`)] })).rejects.toMatchObject({ message: expect.stringMatching(/no socket/) });
  });
});

describe('a client', () => {
  it('that sends a head of more than 32 KiB is told 431', async () => {
    const port = portOf(await start());
    const { heard } = talk(port, `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'a'.repeat(33_000)}\r\n\r\n`);
    expect(await heard).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('that sends no Host, or what is no HTTP, is told 400', async () => {
    const port = portOf(await start());
    expect(await talk(port, 'GET / HTTP/1.1\r\n\r\n').heard).toMatch(/^HTTP\/1\.1 400 /);
    expect(await talk(port, 'nonsense\r\n\r\n').heard).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ['nothing', ''],
    ['half a head', 'GET / HTTP/1.1\r\nHost: loc'],
    ['half a body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'],
  ])('that sends %s and waits is sent away', async (_, text) => {
    const listening = await start({ headTimeout: 100, requestTimeout: 100 }, (request) => request.resume());
    const { heard } = talk(portOf(listening), text);
    expect(await heard).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('that sends its head a byte at a time, and never all of it, is sent away', async () => {
    const { socket, heard } = talk(portOf(await start({ headTimeout: 200, requestTimeout: 200 })), 'GET / HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('A'), 20);
    onTestFinished(() => clearInterval(drip));
    expect(await heard).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('beyond the limit of connections is refused, whichever port it comes to, until one goes', async () => {
    const listening = await start({ binds: ['127.0.0.1:0', '127.0.0.2:0'].map(parseBind), connectionLimit: 1 });
    const first = talk(portOf(listening), 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(first.socket, 'data');
    await expect(ask({ host: '127.0.0.2', port: portOf(listening, 1) })).rejects.toThrow();
    first.socket.destroy();
    await expect.poll(() => listening.connections).toBe(0);
    expect(await ask({ host: '127.0.0.2', port: portOf(listening, 1) })).toBe('200 hello');
  });
});

describe('the end', () => {
  const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it('closes idle connections at once, those that never spoke too', async () => {
    const listening = await start();
    const silent = talk(portOf(listening), '');
    const idle = talk(portOf(listening), get);
    await once(idle.socket, 'data');
    await expect.poll(() => listening.connections).toBe(2);
    await listening.close(60_000);
    expect(await silent.heard).toBe('');
    expect(await idle.heard).toMatch(/hello$/);
  });

  it('lets an answer that runs end, and closes its connection then', async () => {
    let finish = (): void => undefined;
    const listening = await start({}, (_, response) => {
      response.write('begun ');
      finish = () => response.end('ended');
    });
    const busy = talk(portOf(listening), get);
    await once(busy.socket, 'data');
    const closed = listening.close(60_000);
    await expect(ask({ host: '127.0.0.1', port: portOf(listening) })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish();
    await closed;
    expect(await busy.heard).toMatch(/begun[\s\S]*ended/);
  });

  it.each(['http', 'https'])('cuts over %s what runs longer than the grace', async (scheme) => {
    const tls = scheme === 'https' ? tlsFixture : undefined;
    const listening = await start({ tls }, (_, response) => void response.write('begun'));
    const asked = ask(
      { host: '127.0.0.1', port: portOf(listening), ca: tlsFixture.cert },
      (scheme === 'https' ? secureRequest : request) as typeof request,
    );
    asked.catch(() => undefined);
    await expect.poll(() => listening.connections).toBe(1);
    await listening.close(50);
    await expect(asked).rejects.toThrow();
    expect(listening.connections).toBe(0);
  });

  it('comes once, however often it is asked for', async () => {
    const listening = await start();
    await Promise.all([listening.close(0), listening.close(0)]);
  });
});
