import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import type { Request, Response, Transport } from '../core/ports.ts';
import type { Runner } from './store-contract.ts';

/** A source that answers each head as told, and sees its connections come and go. */
interface Origin {
  readonly url: string;
  readonly heads: string[];
  readonly sockets: Set<Socket>;
  accepted: number;
  close(): void;
}

type Answer = (socket: Socket, head: string) => void;

const listen = async (answer: Answer): Promise<Origin> => {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const server: Server = createServer((socket) => {
    origin.accepted++;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        heads.push(head);
        answer(socket, head);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin: Origin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads,
    sockets,
    accepted: 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return origin;
};

/** Resolves once `reached` holds; looks again at every turn of the loop, and fails after five seconds. */
const until = async (what: string, reached: () => boolean): Promise<void> => {
  const end = Date.now() + 5000;
  while (!reached()) {
    ok(Date.now() < end, `waited in vain until ${what}`);
    await new Promise((next) => setTimeout(next, 2));
  }
};

const textOf = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = [];
  for await (const chunk of response.body) {
    parts.push(Uint8Array.from(chunk.bytes));
    chunk.release();
  }
  return Buffer.concat(parts).toString('latin1');
};

const sized = (text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

/** What every Transport does. `make` gives a new one, which the contract closes. */
export const transportContract = ({ describe, it }: Runner, name: string, make: () => Transport): void => {
  const get = (url: string, headers: Record<string, string> = {}): Request => ({ method: 'GET', url, headers });

  const using = (title: string, answer: Answer, body: (transport: Transport, origin: Origin) => Promise<void>) =>
    it(title, async () => {
      const origin = await listen(answer);
      const transport = make();
      try {
        await body(transport, origin);
      } finally {
        await transport.close();
        origin.close();
      }
    });

  describe(`${name} is a transport`, () => {
    using(
      'that gives the head and the body of an answer',
      (socket) => socket.write('HTTP/1.1 206 Partial\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nhello'),
      async (transport, origin) => {
        const response = await transport.open(get(`${origin.url}/a?b`, { Range: 'bytes=0-4' }));
        deepEqual([response.status, response.url, response.framing], [206, `${origin.url}/a?b`, 'length']);
        equal(response.headers.get('x-a'), '1, 2');
        equal(await textOf(response), 'hello');
        match(origin.heads[0] ?? '', /^GET \/a\?b HTTP\/1\.1\r\n/);
        match(origin.heads[0] ?? '', /\r\nRange: bytes=0-4\b/i);
        match(origin.heads[0] ?? '', /\r\nAccept-Encoding: identity\b/i);
      },
    );

    using(
      'for which any status is an answer',
      (socket) => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone'),
      async (transport, origin) => {
        const response = await transport.open(get(origin.url));
        equal(response.status, 404);
        equal(await textOf(response), 'gone');
      },
    );

    using(
      'that reads chunked bodies',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'),
      async (transport, origin) => {
        const response = await transport.open(get(origin.url));
        equal(response.framing, 'chunked');
        equal(await textOf(response), 'hello');
      },
    );

    using(
      'that reads bodies up to the close of the connection',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'),
      async (transport, origin) => {
        const response = await transport.open(get(origin.url));
        equal(response.framing, 'close');
        equal(await textOf(response), 'hello');
      },
    );

    using(
      'that expects no body of a HEAD',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'),
      async (transport, origin) => {
        const response = await transport.open({ method: 'HEAD', url: origin.url, headers: {} });
        equal(response.headers.get('content-length'), '500');
        equal(await textOf(response), '');
      },
    );

    using(
      'that throws where a body ends early, after what came of it',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'),
      async (transport, origin) => {
        const { body } = await transport.open(get(origin.url));
        let text = '';
        await rejects(
          async () => {
            for await (const chunk of body) text += Buffer.from(chunk.bytes).toString();
          },
          { code: 'SOURCE_TRUNCATED' },
        );
        equal(text, 'hello');
      },
    );

    using(
      'that rejects where nobody answers',
      (socket) => socket.destroy(),
      async (transport, origin) => {
        await rejects(transport.open(get(origin.url)), { code: 'SOURCE_UNREACHABLE' });
      },
    );

    using(
      'that stops before the head',
      () => {},
      async (transport, origin) => {
        const stop = new AbortController();
        const opening = transport.open(get(origin.url), stop.signal);
        await until('the request is there', () => origin.heads.length === 1);
        stop.abort();
        await rejects(opening, { code: 'STOPPED' });
        await until('the source sees the close', () => origin.sockets.size === 0);
      },
    );

    using(
      'that stops within the body, and settles who waits for it',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nhello'),
      async (transport, origin) => {
        const stop = new AbortController();
        const response = await transport.open(get(origin.url), stop.signal);
        const reader = response.body[Symbol.asyncIterator]();
        (await reader.next()).value?.release();
        const waiting = reader.next();
        stop.abort();
        await rejects(waiting, { code: 'STOPPED' });
        await until('the source sees the close', () => origin.sockets.size === 0);
      },
    );

    using(
      'that sends nothing once it was stopped',
      (socket) => socket.write(sized('hello')),
      async (transport, origin) => {
        await rejects(transport.open(get(origin.url), AbortSignal.abort()), { code: 'STOPPED' });
        equal(origin.accepted, 0);
      },
    );

    using(
      'whose answers can be closed at any time, and twice',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nhello'),
      async (transport, origin) => {
        const response = await transport.open(get(origin.url));
        const reader = response.body[Symbol.asyncIterator]();
        (await reader.next()).value?.release();
        const waiting = reader.next();
        response.close();
        response.close();
        await rejects(waiting, { code: 'STOPPED' });
        await until('the source sees the close', () => origin.sockets.size === 0);
      },
    );

    using(
      'that gives the connection up where a loop over the body is left',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nhello'),
      async (transport, origin) => {
        for await (const chunk of (await transport.open(get(origin.url))).body) {
          chunk.release();
          break;
        }
        await until('the source sees the close', () => origin.sockets.size === 0);
      },
    );

    using(
      'that holds little of what nobody reads',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
        const more = (): void => {
          while (socket.writable && socket.write(Buffer.alloc(65_536)));
        };
        socket.on('drain', more);
        more();
      },
      async (transport, origin) => {
        const response = await transport.open(get(origin.url));
        const [socket] = origin.sockets;
        let sent = -1;
        await until('the source is held back', () => {
          const before = sent;
          sent = socket?.bytesWritten ?? 0;
          return sent > 0 && sent === before && socket?.writableNeedDrain === true;
        });
        ok(sent < 64_000_000, `${sent} bytes were taken that nobody read`);
        response.close();
      },
    );

    using(
      'that uses a connection again',
      (socket) => socket.write(sized('hello')),
      async (transport, origin) => {
        for (let count = 0; count < 5; count++) equal(await textOf(await transport.open(get(origin.url))), 'hello');
        equal(origin.accepted, 1);
      },
    );

    using(
      'that asks many at once',
      (socket, head) => socket.write(sized(/GET (\S+)/.exec(head)?.[1] ?? '')),
      async (transport, origin) => {
        const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
        deepEqual(await Promise.all(paths.map(async (path) => textOf(await transport.open(get(origin.url + path))))), paths);
      },
    );

    using(
      'that closes with answers still open',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nhello'),
      async (transport, origin) => {
        const unread = await transport.open(get(origin.url));
        const reader = (await transport.open(get(origin.url))).body[Symbol.asyncIterator]();
        (await reader.next()).value?.release();
        const waiting = rejects(reader.next(), { code: 'STOPPED' });
        await transport.close();
        await waiting;
        await until('the source sees the close', () => origin.sockets.size === 0);
        unread.close();
        await rejects(transport.open(get(origin.url)), { code: 'STOPPED' });
      },
    );
  });
};
