import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { HydrantError } from '../../src/core/errors.ts';
import type { Request } from '../../src/core/ports.ts';
import { type DialOptions, localAddressOf } from '../../src/transport/dial.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { httpServer, lengthOf, rawServer, reset, textOf } from './servers.ts';

const make = (options?: DialOptions): GeneralTransport => {
  const transport = new GeneralTransport(options);
  onTestFinished(() => transport.close());
  return transport;
};

const get = (url: string): Request => ({ method: 'GET', url, headers: {} });

const sized = (length: number, text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${text}`;

describe('a connection', () => {
  it('is opened for every request that runs, and used again by the next ones', async () => {
    const server = await httpServer((_, response) => response.end(Buffer.alloc(1000)));
    const transport = make();
    const all = () => Promise.all(Array.from({ length: 6 }, async () => lengthOf((await transport.open(get(server.url))).body)));
    await all();
    await all();
    expect(server.accepted).toBe(6);
    expect(transport.connections).toBe(6);
  });

  it('that its source closes while idle is forgotten', async () => {
    const server = await rawServer((socket) => socket.write(sized(2, 'ok')));
    const transport = make();
    await textOf((await transport.open(get(server.url))).body);
    for (const socket of server.open) socket.end();
    await expect.poll(() => transport.connections).toBe(0);
    await textOf((await transport.open(get(server.url))).body);
    expect(server.accepted).toBe(2);
  });

  it('that its source closes just as it is used again is replaced, once', async () => {
    let answers = 1;
    const server = await rawServer((socket, _, count) => {
      if (count > 1 || answers-- > 0) {
        if (count > 1) void reset(socket);
        else socket.write(sized(2, 'ok'));
      } else socket.write(sized(3, 'new'));
    });
    const transport = make();
    expect(await textOf((await transport.open(get(server.url))).body)).toBe('ok');
    expect(await textOf((await transport.open(get(server.url))).body)).toBe('new');
    expect(server.accepted).toBe(2);
  });

  it('that is fresh and closed without an answer is not replaced', async () => {
    const server = await rawServer((socket) => socket.end());
    await expect(make().open(get(server.url))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ closed the connection without an answer$/),
    });
    expect(server.accepted).toBe(1);
  });

  it('that closes within a head leaves a truncated answer', async () => {
    const server = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'));
    await expect(make().open(get(server.url))).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
    expect(server.accepted).toBe(1);
  });

  it('survives the close of an answer of which little is left', async () => {
    const server = await rawServer((socket) => {
      socket.write(sized(60_000, 'x'.repeat(30_000)));
      setImmediate(() => socket.write('y'.repeat(30_000)));
    });
    const transport = make();
    (await transport.open(get(server.url))).close();
    await expect.poll(() => transport.bytesWaiting).toBe(0);
    for (let count = 0; count < 3; count++) {
      const response = await transport.open(get(server.url));
      expect(await lengthOf(response.body)).toBe(60_000);
    }
    expect(server.accepted).toBeLessThanOrEqual(2);
  });

  it('is not held for long by what little is left', async () => {
    const server = await rawServer((socket) => socket.write(sized(60_000, 'x')));
    const transport = make();
    (await transport.open(get(server.url))).close();
    await server.idle();
    expect(transport.connections).toBe(0);
  });

  it('is paused while nobody reads, so that little waits', async () => {
    let sent = 0;
    const server = await rawServer((socket) => {
      socket.write(sized(1e9, ''));
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536))) sent += 65_536;
        sent += 65_536;
      };
      socket.on('drain', more);
      more();
    });
    const transport = make();
    const response = await transport.open(get(server.url));
    await expect.poll(() => transport.bytesWaiting).toBeGreaterThan(262_144);
    let most = 0;
    let read = 0;
    for await (const chunk of response.body) {
      read += chunk.bytes.length;
      most = Math.max(most, transport.bytesWaiting);
      if (read > 20e6) break;
    }
    expect(most).toBeLessThanOrEqual(262_144 + 65_536);
    expect(sent).toBeLessThan(read + 20e6);
    expect(transport.bytesWaiting).toBe(0);
  });

  it('is closed at once where a request is stopped while it is being opened', async () => {
    const stop = new AbortController();
    const asked: string[] = [];
    const transport = make({ lookup: (name) => void asked.push(name) });
    const opening = transport.open(get('http://slow.example/'), stop.signal);
    expect(asked).toEqual(['slow.example']);
    stop.abort(new Error('enough'));
    await expect(opening).rejects.toMatchObject({ code: 'STOPPED', cause: { message: 'enough' } });
    expect(transport.connections).toBe(0);
  });

  it('is closed where a request is stopped within the head', async () => {
    const stop = new AbortController();
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-', () => stop.abort());
    });
    const transport = make();
    await expect(transport.open(get(server.url), stop.signal)).rejects.toMatchObject({ code: 'STOPPED' });
    await server.idle();
    expect(transport.connections).toBe(0);
  });

  it('is given up when it takes too long to be made', async () => {
    const transport = make({ connectTimeout: 20, lookup: () => {} });
    await expect(transport.open(get('http://slow.example/'))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: 'no connection to slow.example:80 within 0.02 s (--connect-timeout)',
    });
    expect(transport.connections).toBe(0);
  });

  it('goes where the map says, under the name of the URL', async () => {
    const server = await httpServer((request, response) => response.end(request.headers.host));
    const transport = make({ map: () => ({ host: '127.0.0.1', port: server.port }) });
    expect(await textOf((await transport.open(get('http://example.invalid:8080/'))).body)).toBe('example.invalid:8080');
  });

  it('comes from the address of the interface that is named', async () => {
    const names = Object.entries(networkInterfaces());
    const loopback = names.find(([, addresses]) => addresses?.some(({ address }) => address === '127.0.0.1'))?.[0];
    expect(localAddressOf(loopback ?? '')).toBe('127.0.0.1');
    expect(localAddressOf('::1')).toBe('::1');
    expect(() => make({ localAddress: 'eth99' })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(() => make({ localAddress: 'eth99' })).toThrow('cannot connect from "eth99": no such interface');
  });

  it.runIf(process.platform === 'linux')('comes from the address that is asked for', async () => {
    const seen: (string | undefined)[] = [];
    const server = await rawServer((socket) => {
      seen.push(socket.remoteAddress);
      socket.end(sized(2, 'ok'));
    });
    await textOf((await make({ localAddress: '127.0.0.9' }).open(get(server.url))).body);
    expect(seen).toEqual(['127.0.0.9']);
  });

  it('of many requests with one signal is warned of by nobody', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const server = await rawServer(() => {});
    const stop = new AbortController();
    const transport = make();
    const all = Array.from({ length: 30 }, () => transport.open(get(server.url), stop.signal));
    setImmediate(() => stop.abort());
    for (const one of await Promise.allSettled(all)) expect(one).toMatchObject({ reason: { code: 'STOPPED' } });
    expect(warnings).toEqual([]);
    await server.idle();
  });
});

describe('a head', () => {
  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello'],
    ['a length and a coding', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a coding that was not asked for', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a coding without an end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['no end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}\r\n`],
  ])('with %s is refused', async (_, text) => {
    const server = await rawServer((socket) => socket.write(text));
    const opening = make().open(get(server.url));
    await expect(opening).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', message: expect.not.stringContaining('\n') });
    await server.idle();
  });

  it('may come after others that only inform', async () => {
    const server = await rawServer((socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${sized(2, 'ok')}`));
    const response = await make().open(get(server.url));
    expect([response.status, await textOf(response.body)]).toEqual([200, 'ok']);
    expect(response.headers.has('link')).toBe(false);
  });

  it('with broken chunks leaves a truncated body', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'));
    const { body } = await make().open(get(server.url));
    await expect(textOf(body)).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED', message: expect.stringContaining('framing') });
  });

  it('cannot be asked for with fields that are no fields', async () => {
    const server = await httpServer((_, response) => response.end());
    const opening = make().open({ method: 'GET', url: server.url, headers: { 'x-bad': 'a\r\nb: c' } });
    await expect(opening).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(server.accepted).toBe(0);
  });
});

describe('an end that comes before anybody reads', () => {
  // One byte more than may wait unread: the connection is paused at the very last byte.
  const length = 262_145;
  const bytes = 'x'.repeat(length);
  const answer = (fields: string, body: string): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;

  const lateReader = async (text: string): Promise<{ read: number; code: unknown }> => {
    let sent = (): void => {};
    const ended = new Promise<void>((resolve) => {
      sent = resolve;
    });
    const server = await rawServer((socket) => socket.end(text, 'latin1', sent));
    const transport = make();
    const { body } = await transport.open(get(server.url));
    await ended;
    await expect.poll(() => transport.bytesWaiting).toBe(length);
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    let read = 0;
    try {
      for await (const chunk of body) read += chunk.bytes.length;
    } catch (error) {
      return { read, code: (error as HydrantError).code };
    }
    return { read, code: undefined };
  };

  it.each([
    ['whose length was said', answer(`Connection: close\r\nContent-Length: ${length}\r\n`, bytes)],
    ['on a connection that was to be kept', answer(`Content-Length: ${length}\r\n`, bytes)],
    ['in chunks', answer('Connection: close\r\nTransfer-Encoding: chunked\r\n', `${length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`)],
    ['that its end frames', answer('', bytes)],
  ])('leaves a whole body %s whole', async (_, text) => {
    expect(await lateReader(text)).toEqual({ read: length, code: undefined });
  });

  it.each([
    ['whose length was said', answer('Connection: close\r\nContent-Length: 3000000\r\n', bytes)],
    ['on a connection that was to be kept', answer('Content-Length: 3000000\r\n', bytes)],
    ['in chunks', answer('Connection: close\r\nTransfer-Encoding: chunked\r\n', `${length.toString(16)}\r\n${bytes}`)],
  ])('leaves a short body %s truncated, after all that came', async (_, text) => {
    expect(await lateReader(text)).toEqual({ read: length, code: 'SOURCE_TRUNCATED' });
  });
});

describe('an interim answer that nobody asked for', () => {
  const interim = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n';

  it.each([
    ['in one piece with the answer', [interim + sized(2, 'ok')]],
    ['ahead of the answer', [interim, sized(2, 'ok')]],
    ['more than once', [`${interim}HTTP/1.1 102 Processing\r\n\r\n${interim}`, interim + sized(2, 'ok')]],
  ])('is skipped, %s', async (_, pieces) => {
    const server = await rawServer(async (socket) => {
      for (const piece of pieces) await new Promise((written) => socket.write(piece, () => setTimeout(written, 10)));
    });
    const transport = make();
    for (let round = 0; round < 2; round++) expect(await textOf((await transport.open(get(server.url))).body)).toBe('ok');
    expect(server.accepted).toBe(1);
  });

  it('is no reason to touch a body that looks like one', async () => {
    const server = await rawServer((socket) => socket.write(sized(interim.length, '') + interim));
    expect(await textOf((await make().open(get(server.url))).body)).toBe(interim);
  });
});
