import { createServer } from 'node:https';
import { createServer as createTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { Request } from '../../src/core/ports.ts';
import type { DialOptions } from '../../src/transport/dial.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { certificates } from './certificates.ts';
import { httpServer, type Listening, lengthOf, rawServer, textOf, track } from './servers.ts';

const own = { key: certificates.key, cert: certificates.valid };
const expired = { key: certificates.key, cert: certificates.expired };

const make = (options?: DialOptions): GeneralTransport => {
  const transport = new GeneralTransport(options);
  onTestFinished(() => transport.close());
  return transport;
};

const serve = (identity: { key: string; cert: string } = own): Promise<Listening> =>
  track(
    createServer(identity, (request, response) => {
      response.end(`${(request.socket as { servername?: string | false }).servername} ${request.headers.host}`);
    }),
    'https',
  );

const get = (url: string): Request => ({ method: 'GET', url, headers: {} });

describe('over TLS', () => {
  it('a certificate that was named is trusted', async () => {
    const server = await serve();
    const { body } = await make({ ca: own.cert }).open(get(server.url));
    expect(await textOf(body)).toBe(`false 127.0.0.1:${server.port}`);
  });

  it('a mapped host keeps its name, in TLS and in HTTP', async () => {
    const server = await serve();
    const transport = make({ ca: [own.cert], map: () => ({ host: '127.0.0.1', port: server.port }) });
    expect(await textOf((await transport.open(get('https://file.example/'))).body)).toBe('file.example file.example');
    await expect(transport.open(get('https://other.example/'))).rejects.toMatchObject({
      message: 'the certificate of other.example:443 is for another host (--insecure accepts it)',
      retry: 'never',
    });
  });

  it('a certificate that signed itself is refused for good, and the way out is named', async () => {
    const server = await serve();
    await expect(make().open(get(server.url))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      retry: 'never',
      message: `the certificate of 127.0.0.1:${server.port} is self-signed (--cacert FILE trusts it, --insecure accepts any)`,
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    await server.idle();
  });

  it('a certificate that has expired is refused for good', async () => {
    const server = await serve(expired);
    await expect(make({ ca: expired.cert }).open(get(server.url))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      retry: 'never',
      message: expect.stringContaining('has expired (--insecure accepts it)'),
    });
  });

  it('any certificate is accepted where that is asked for', async () => {
    const server = await serve(expired);
    expect(await lengthOf((await make({ insecure: true }).open(get(server.url))).body)).toBeGreaterThan(0);
  });

  it('connections are used again, and sessions resumed by new ones', async () => {
    let resumed = 0;
    const https = createServer(own, (_, response) => setImmediate(() => response.end('ok')));
    https.on('secureConnection', (socket) => {
      if (socket.isSessionReused()) resumed++;
    });
    const server = await track(https, 'https');
    const transport = make({ ca: own.cert });
    for (let count = 0; count < 3; count++) await textOf((await transport.open(get(server.url))).body);
    expect(server.accepted).toBe(1);
    await Promise.all([1, 2, 3].map(async () => textOf((await transport.open(get(server.url))).body)));
    expect([server.accepted, resumed]).toEqual([3, 2]);
  });

  it('a body up to the close is complete however soon the server is gone', async () => {
    const server = await track(
      createTls(own, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.end(Buffer.alloc(100_000), () => socket.destroy());
        });
      }),
      'https',
    );
    const transport = make({ ca: own.cert });
    const all = await Promise.all(Array.from({ length: 20 }, async () => lengthOf((await transport.open(get(server.url))).body)));
    expect(new Set(all)).toEqual(new Set([100_000]));
  });

  it('a server without it is named', async () => {
    const plain = await httpServer((_, response) => response.end());
    await expect(make().open(get(`https://127.0.0.1:${plain.port}/`))).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: `127.0.0.1:${plain.port} does not speak TLS`,
    });
  });

  it('a server that does not shake hands is given up in time, and its socket closed', async () => {
    const server = await rawServer(() => {});
    await expect(make({ connectTimeout: 50 }).open(get(`https://127.0.0.1:${server.port}/`))).rejects.toMatchObject({
      message: `no connection to 127.0.0.1:${server.port} within 0.05 s (--connect-timeout)`,
    });
    await server.idle();
  });

  it('a request that is stopped within the handshake closes its socket', async () => {
    const stop = new AbortController();
    const server = await rawServer(() => {});
    const opening = make().open(get(`https://127.0.0.1:${server.port}/`), stop.signal);
    await expect.poll(() => server.open.size).toBe(1);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'STOPPED' });
    await server.idle();
  });
});
