import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

import type { Bytes } from '../../src/core/ports.ts';

/** A server on loopback that knows its connections. */
export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far. */
  accepted: number;
  readonly open: ReadonlySet<Socket>;
  /** Resolves once no connection is open. */
  idle(): Promise<void>;
}

/** Makes `server` listen for the rest of the test. */
export const track = async (server: Server, scheme = 'http'): Promise<Listening> => {
  const open = new Set<Socket>();
  const waiting: (() => void)[] = [];
  server.on('connection', (socket: Socket) => {
    listening.accepted++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) for (const wake of waiting.splice(0)) wake();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listening: Listening = {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    accepted: 0,
    open,
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((wake) => waiting.push(wake))),
  };
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return listening;
};

/** Answers by node:http. */
export const httpServer = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Listening> =>
  track(createHttp(answer));

/** Hands over each connection, and calls `asked` for every head that comes on it. */
export const rawServer = (asked: (socket: Socket, head: string, count: number) => void): Promise<Listening> =>
  track(
    createTcp((socket) => {
      let text = '';
      let count = 0;
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          const head = text.slice(0, end);
          text = text.slice(end + 4);
          asked(socket, head, ++count);
        }
      });
    }),
  );

/** Resets a connection at once; `resetAndDestroy` ends it properly first, which may be all that the other side sees. */
export const reset = (socket: Socket): Promise<void> => {
  const { _handle: handle } = socket as unknown as { readonly _handle: { reset(done: () => void): void } };
  return new Promise((done) => handle.reset(done));
};

/** All bytes of a body as text. */
export const textOf = async (body: Bytes): Promise<string> => {
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk.bytes).toString('latin1');
    chunk.release();
  }
  return text;
};

/** How many bytes a body has. */
export const lengthOf = async (body: Bytes): Promise<number> => {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.bytes.length;
    chunk.release();
  }
  return length;
};
