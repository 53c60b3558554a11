/** An origin with a minute of silence that a browser can play. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const perSecond = 16_000;

/** What is played. */
export const silence = { seconds: 60 } as const;

const wave = (): Buffer => {
  const length = silence.seconds * perSecond;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(perSecond / 2, 24);
  head.writeUInt32LE(perSecond, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(length, 40);
  return Buffer.concat([head, Buffer.alloc(length)]);
};

/** Serves `song.wav`, by ranges; nothing else is there. */
export class Stage implements AsyncDisposable {
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async open(): Promise<Stage> {
    const song = wave();
    const server = createServer((request, response) => answer(request, response, song)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Stage(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

const answer = ({ url, headers }: IncomingMessage, response: ServerResponse, song: Buffer): void => {
  if (url !== '/song.wav') {
    response.writeHead(404).end();
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const first = Number(from ?? 0);
  const end = to === undefined || to === '' ? song.length : Math.min(Number(to) + 1, song.length);
  const shared = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', etag: '"song"', 'content-length': end - first };
  if (from === undefined) response.writeHead(200, shared);
  else response.writeHead(206, { ...shared, 'content-range': `bytes ${first}-${end - 1}/${song.length}` });
  response.end(song.subarray(first, end));
};
