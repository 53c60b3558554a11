import { describe, expect, it, onTestFinished } from 'vitest';

import packageJson from '../../package.json' with { type: 'json' };
import type { Request } from '../../src/core/ports.ts';
import type { DialOptions } from '../../src/transport/dial.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { userAgent } from '../../src/transport/user-agent.ts';
import { httpServer, lengthOf, rawServer, reset, textOf } from './servers.ts';

const make = (options?: DialOptions): GeneralTransport => {
  const transport = new GeneralTransport(options);
  onTestFinished(() => transport.close());
  return transport;
};

const get = (url: string, headers: Record<string, string> = {}): Request => ({ method: 'GET', url, headers });

describe('a request', () => {
  it('asks for no coding and says who asks', async () => {
    const server = await httpServer((request, response) => response.end(JSON.stringify(request.headers)));
    const { body } = await make().open(get(`${server.url}/file`));
    const headers = JSON.parse(await textOf(body));
    expect(headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': userAgent, accept: '*/*' });
    expect(userAgent).toBe(`hydrant/${packageJson.version}`);
  });

  it('leaves what the user said as it is', async () => {
    const server = await httpServer((request, response) => response.end(JSON.stringify(request.headers)));
    const own = { 'User-Agent': 'mine', 'Accept-Encoding': 'gzip', Authorization: 'Bearer x' };
    const url = server.url.replace('://', '://user:pass@');
    const { body } = await make().open(get(url, own));
    expect(JSON.parse(await textOf(body))).toMatchObject({
      'user-agent': 'mine',
      'accept-encoding': 'gzip',
      authorization: 'Bearer x',
    });
  });

  it('sends userinfo as Basic credentials and forgets it', async () => {
    const server = await httpServer((request, response) => response.end(request.headers.authorization));
    const response = await make().open(get(`${server.url.replace('://', '://us%40er:p%3Ass@')}/a?b=c#d`));
    expect(await textOf(response.body)).toBe(`Basic ${Buffer.from('us@er:p:ss').toString('base64')}`);
    expect(response.url).toBe(`${server.url}/a?b=c`);
  });
});

describe('an answer', () => {
  it.each([
    ['a length', 'length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ['chunked coding', 'chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'],
    ['the close', 'close', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['the close of HTTP/1.0', 'close', 'HTTP/1.0 200 OK\r\n\r\nhello'],
  ])('framed by %s is read to its end', async (_, framing, text) => {
    const server = await rawServer((socket) => socket.end(text));
    const response = await make().open(get(server.url));
    expect(response.framing).toBe(framing);
    expect(await textOf(response.body)).toBe('hello');
  });

  it('framed by the close is complete however soon the source is gone', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(Buffer.alloc(400_000), () => socket.destroy());
    });
    const transport = make();
    const all = await Promise.all(Array.from({ length: 20 }, async () => lengthOf((await transport.open(get(server.url))).body)));
    expect(new Set(all)).toEqual(new Set([400_000]));
  });

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'],
    ['a length on a closing connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 50\r\n\r\nhello'],
    ['chunked coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['chunked coding on a closing connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello'],
  ])('framed by %s that ends early is truncated', async (_, text) => {
    const server = await rawServer((socket) => socket.end(text));
    const { body } = await make().open(get(server.url));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of body) seen.push(Buffer.from(chunk.bytes).toString());
    })();
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED', retry: 'here' });
    expect(seen.join('')).toBe('hello');
    await expect(body[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });

  it.each([
    ['a length', 'Content-Length: 5000\r\n\r\nhello'],
    ['chunked coding', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['the close', '\r\nhello'],
  ])('framed by %s that is reset is truncated', async (_, text) => {
    const server = await rawServer((socket) => socket.write(`HTTP/1.1 200 OK\r\n${text}`));
    const { body } = await make().open(get(server.url));
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    for (const socket of server.open) await reset(socket);
    await expect(reader.next()).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });

  it('framed by the close that is reset while nobody reads is truncated', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.write(Buffer.alloc(450_000));
    });
    const transport = make();
    const { body } = await transport.open(get(server.url));
    await expect.poll(() => transport.bytesWaiting).toBeGreaterThan(262_144);
    for (const socket of server.open) await reset(socket);
    await expect(lengthOf(body)).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });
});

describe('failures', () => {
  it.each([
    [
      'http://example.invalid/',
      'SOURCE_UNREACHABLE',
      /^(no such host: example\.invalid|the name server gives no answer for example\.invalid)$/,
    ],
    ['http://127.0.0.1:1/', 'SOURCE_UNREACHABLE', /^connection refused by 127\.0\.0\.1:1$/],
    ['http://localhost:1/', 'SOURCE_UNREACHABLE', /^connection refused by /],
    ['ftp://127.0.0.1/', 'OPTION_INVALID', /neither http nor https/],
    ['nonsense', 'OPTION_INVALID', /not a URL/],
  ])('%s: %s', async (url, code, message) => {
    await expect(make().open(get(url))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
