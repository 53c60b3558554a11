import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request as askHttp, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import { defaultsOf } from '../../src/core/options.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { parseBind } from '../../src/server/bind.ts';
import { openParts } from '../../src/server/parts.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/server.ts';

/** An answer of a server, its body read. */
export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test says of a body is what it expects of it.
  readonly body: any;
}

/** The whole server in this process, on a port of its own. */
export interface Composed {
  readonly server: RunningServer;
  readonly port: number;
  /** Folder of the test; `files` in it is what clients may write. */
  readonly folder: string;
  /** `METHOD /path` as it is written, with a body: text as it is, all else as JSON. */
  ask(what: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Told>;
}

/** Starts a server with all of its parts; it ends with the test. */
export const composed = async (options: Partial<ServerOptions> = {}): Promise<Composed> => {
  const folder = mkdtempSync(join(tmpdir(), 'hydrant-composed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'files'));
  const server = await startServer(
    {
      binds: [parseBind('127.0.0.1:0')],
      tls: undefined,
      token: undefined,
      tokenFile: undefined,
      auth: true,
      allowHosts: [],
      allowOrigins: [],
      upstreamPolicy: undefined,
      publicUrl: undefined,
      stateFile: join(folder, 'tasks.json'),
      cacheDir: join(folder, 'cache'),
      cacheSize: undefined,
      filesDir: join(folder, 'files'),
      // What cannot be reached is refused at once, without asking any DNS server.
      transfer: { ...defaultsOf(transferOptions), retryTimeout: 500, map: ['*.invalid=127.0.0.1:1'] },
      version: '0.0.0',
      note: () => undefined,
      ...options,
    },
    openParts,
  );
  onTestFinished(() => server.close(0));
  const port = server.binds.flatMap((bind) => (bind.kind === 'tcp' ? [bind.port] : []))[0] ?? 0;
  return { server, port, folder, ask: (what, body, headers) => ask(port, what, body, headers) };
};

const ask = (port: number, what: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Told> =>
  new Promise((resolve, reject) => {
    const [method = '', path = ''] = what.split(' ');
    const json = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    const asked = askHttp({ host: '127.0.0.1', port, method, path, agent: false, headers: { ...json, ...headers } }, async (answer) => {
      try {
        let text = '';
        for await (const part of answer.setEncoding('latin1')) text += String(part);
        const isJson = /[/+]json\b/.test(answer.headers['content-type'] ?? '');
        const value = isJson && text !== '' ? JSON.parse(Buffer.from(text, 'latin1').toString()) : undefined;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, body: value });
      } catch (error) {
        reject(error);
      }
    });
    asked.on('error', reject);
    asked.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  });
