import { createServer, type Server, type TLSSocket } from 'node:tls';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { DotResolver, parseDnsServer } from '../../src/transport/dot.ts';
import type { DotOptions } from '../../src/transport/dot-channel.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { certificates } from './certificates.ts';
import { httpServer, type Listening, textOf, track } from './servers.ts';

const own = { key: certificates.key, cert: certificates.valid };

type Reply = (query: Packet, socket: TLSSocket) => Packet | undefined;

const framed = (packet: Packet): Buffer => {
  const message = encode(packet);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
};

/** A name server; `asked` lists what it was asked. */
const serve = async (reply: Reply): Promise<Listening & { asked: string[] }> => {
  const asked: string[] = [];
  const server: Server = createServer(own, (socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = decode(received.subarray(2, end));
        received = received.subarray(end);
        const question = query.questions?.[0];
        asked.push(`${question?.type} ${question?.name}`);
        const packet = reply(query, socket);
        if (packet !== undefined) socket.write(framed(packet));
      }
    });
  });
  return Object.assign(await track(server, 'tls'), { asked });
};

const answer = (query: Packet, answers: Answer[], flags = 0): Packet => ({
  type: 'response',
  ...(query.id === undefined ? {} : { id: query.id }),
  flags,
  ...(query.questions === undefined ? {} : { questions: query.questions }),
  answers,
});

/** Answers A with 127.0.0.1 behind an alias and AAAA with nothing. */
const ordinary: Reply = (query) => {
  const name = query.questions?.[0]?.name ?? '';
  if (query.questions?.[0]?.type !== 'A') return answer(query, []);
  return answer(query, [
    { type: 'CNAME', name, ttl: 300, data: 'alias.example' },
    { type: 'A', name: 'alias.example', ttl: 60, data: '127.0.0.1' },
  ]);
};

const resolver = (server: Listening, options: DotOptions = {}): DotResolver => {
  const made = new DotResolver({ address: '127.0.0.1', port: server.port, name: undefined }, { ca: own.cert, ...options });
  onTestFinished(() => made.close());
  return made;
};

const here = { address: '127.0.0.1', family: 4 };

describe('names by TLS', () => {
  it('are resolved, aliases included', async () => {
    const server = await serve(ordinary);
    expect(await resolver(server).addresses('file.example')).toEqual([here]);
    expect(server.asked.sort()).toEqual(['A file.example', 'AAAA file.example']);
  });

  it('of both kinds come with IPv4 first', async () => {
    const server = await serve((query) => {
      const name = query.questions?.[0]?.name ?? '';
      return query.questions?.[0]?.type === 'A'
        ? answer(query, [{ type: 'A', name, ttl: 60, data: '127.0.0.1' }])
        : answer(query, [{ type: 'AAAA', name, ttl: 60, data: '::1' }]);
    });
    expect(await resolver(server).addresses('file.example')).toEqual([here, { address: '::1', family: 6 }]);
    expect(await resolver(server).addresses('file.example', 6)).toEqual([{ address: '::1', family: 6 }]);
  });

  it('take one connection, and one question for all who ask at once', async () => {
    const server = await serve(ordinary);
    const names = resolver(server);
    await Promise.all(['a.example', 'b.example', 'a.example', 'A.example.'].map((name) => names.addresses(name)));
    await names.addresses('c.example');
    expect(server.accepted).toBe(1);
    expect(server.asked.filter((asked) => asked === 'A a.example')).toHaveLength(1);
  });

  it('are kept as long as they say', async () => {
    let now = 0;
    const server = await serve(ordinary);
    const names = resolver(server, { now: () => now });
    await names.addresses('a.example', 4);
    now = 59_999;
    await names.addresses('a.example', 4);
    expect(server.asked).toHaveLength(1);
    now = 60_000;
    await names.addresses('a.example', 4);
    expect(server.asked).toHaveLength(2);
  });

  it('that are not there are not kept', async () => {
    const server = await serve((query) => answer(query, [], 3));
    const names = resolver(server);
    for (let count = 1; count <= 2; count++) {
      await expect(names.addresses('no.example', 4)).rejects.toMatchObject({
        code: 'SOURCE_UNREACHABLE',
        message: 'no such host: no.example (says the name server 127.0.0.1)',
      });
      expect(server.asked).toHaveLength(count);
    }
  });

  it('that the server fails to resolve say so', async () => {
    const server = await serve((query) => answer(query, [], 2));
    await expect(resolver(server).addresses('no.example')).rejects.toMatchObject({
      message: 'the name server 127.0.0.1 does not resolve no.example: SERVFAIL',
    });
  });

  it('of this machine are never asked for', async () => {
    const server = await serve(ordinary);
    expect(await resolver(server).addresses('file.localhost', 4)).toEqual([here]);
    expect(server.asked).toEqual([]);
  });

  it('are asked for again where the server closes the connection after it had answered', async () => {
    let answers = 1;
    const server = await serve((query, socket) => {
      if (answers-- === 0) {
        socket.end();
        return undefined;
      }
      return ordinary(query, socket);
    });
    const names = resolver(server);
    await names.addresses('a.example', 4);
    expect(await names.addresses('b.example', 4)).toEqual([here]);
    expect(server.accepted).toBe(2);
  });

  it('fail where the server closes without an answer, or gives none in time', async () => {
    const closing = await serve((_, socket) => void socket.end());
    await expect(resolver(closing).addresses('a.example')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: `the name server 127.0.0.1:${closing.port} closed the connection without an answer`,
    });
    const silent = await serve(() => undefined);
    await expect(resolver(silent, { timeout: 300 }).addresses('a.example', 4)).rejects.toMatchObject({
      message: `the name server 127.0.0.1:${silent.port} gives no answer for a.example within 0.3 s`,
    });
    await silent.idle();
  });

  it('come from no answer to another question', async () => {
    const server = await serve((query, socket) => {
      const other = { ...query, questions: [{ type: 'A' as const, name: 'evil.example' }] };
      socket.write(framed(answer(other, [{ type: 'A', name: 'evil.example', ttl: 60, data: '10.6.6.6' }])));
      socket.write(framed({ ...ordinary(query, socket), id: ((query.id ?? 0) + 1) & 0xffff }));
      return ordinary(query, socket);
    });
    expect(await resolver(server).addresses('a.example', 4)).toEqual([here]);
  });

  it('fail at once where an answer is garbage', async () => {
    const server = await serve((_, socket) => void socket.write(Buffer.from([0, 3, 1, 2, 3])));
    await expect(resolver(server).addresses('a.example', 4)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });

  it('are taken only from a server with the right certificate', async () => {
    const server = await serve(ordinary);
    const named = (name: string | undefined, ca?: string) => {
      const made = new DotResolver({ address: '127.0.0.1', port: server.port, name }, ca === undefined ? {} : { ca });
      onTestFinished(() => made.close());
      return made.addresses('a.example', 4);
    };
    expect(await named('dns.example', own.cert)).toEqual([here]);
    await expect(named('other.example', own.cert)).rejects.toMatchObject({ message: expect.stringContaining('is for another host') });
    await expect(named(undefined)).rejects.toMatchObject({ message: expect.stringContaining('self-signed'), retry: 'never' });
    expect(server.asked).toHaveLength(1);
  });

  it('lead a transport to the host', async () => {
    const dns = await serve(ordinary);
    const server = await httpServer((request, response) => response.end(request.headers.host));
    for (const family of [undefined, 4] as const) {
      const transport = new GeneralTransport({ lookup: resolver(dns).lookup, ...(family === undefined ? {} : { family }) });
      onTestFinished(() => transport.close());
      const { body } = await transport.open({ method: 'GET', url: `http://file.example:${server.port}/`, headers: {} });
      expect(await textOf(body)).toBe(`file.example:${server.port}`);
    }
    const lost = await serve((query) => answer(query, [], 3));
    const transport = new GeneralTransport({ lookup: resolver(lost).lookup });
    onTestFinished(() => transport.close());
    await expect(transport.open({ method: 'GET', url: 'http://no.example/', headers: {} })).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: 'no such host: no.example (says the name server 127.0.0.1)',
    });
  });
});

describe('the address of a name server', () => {
  it.each([
    ['tls://1.1.1.1', { address: '1.1.1.1', port: 853, name: undefined }],
    ['tls://1.1.1.1:8853#one.one.one.one', { address: '1.1.1.1', port: 8853, name: 'one.one.one.one' }],
    ['TLS://[2606:4700::1111]/', { address: '2606:4700::1111', port: 853, name: undefined }],
  ])('%s is read', (text, server) => {
    expect(parseDnsServer(text)).toEqual(server);
  });

  it.each([
    '1.1.1.1',
    'https://1.1.1.1',
    'tls://dns.example',
    'tls://1.1.1.1:0',
    'tls://1.1.1.1:99999',
    'tls://::1',
    'tls://[1.1.1.1]',
    'tls://1.1.1.1#',
    'tls://1.1.1.1#a b',
    '',
  ])('%s is refused', (text) => {
    expect(() => parseDnsServer(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.constantFrom('tls://', '1.1.1.1', '[', ']', '::1', ':', '853', '#', 'name', '/');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          try {
            expect(parseDnsServer(text).port).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(HydrantError);
          }
        },
      ),
    );
  });
});
