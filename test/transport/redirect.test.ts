import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { Request } from '../../src/core/ports.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { httpServer, textOf } from './servers.ts';

const make = (): GeneralTransport => {
  const transport = new GeneralTransport();
  onTestFinished(() => transport.close());
  return transport;
};

const get = (url: string, headers: Record<string, string> = {}): Request => ({ method: 'GET', url, headers });

const tellHeaders = (request: IncomingMessage, response: ServerResponse): void => {
  response.end(JSON.stringify({ method: request.method, url: request.url, ...request.headers }));
};

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('by %d is followed, and its target is the URL of the answer', async (status) => {
    const server = await httpServer((request, response) => {
      if (request.url === '/end?x=1') tellHeaders(request, response);
      else response.writeHead(status, { location: '../end?x=1#here' }).end('moved');
    });
    const transport = make();
    const response = await transport.open(get(`${server.url}/a/b`, { range: 'bytes=0-' }));
    expect(response.url).toBe(`${server.url}/end?x=1`);
    expect(JSON.parse(await textOf(response.body))).toMatchObject({ method: 'GET', range: 'bytes=0-' });
    expect(server.accepted).toBe(1);
  });

  it('keeps credentials within an origin', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/end') tellHeaders(request, response);
      else response.writeHead(302, { location: '/end' }).end();
    });
    const { body } = await make().open(get(server.url.replace('://', '://a:b@'), { cookie: 'c=d' }));
    expect(JSON.parse(await textOf(body))).toMatchObject({ authorization: 'Basic YTpi', cookie: 'c=d' });
  });

  it('takes no credentials to another origin, but the rest', async () => {
    const other = await httpServer(tellHeaders);
    const server = await httpServer((_, response) => response.writeHead(302, { location: `${other.url}/end` }).end());
    const headers = { Cookie: 'c=d', 'X-Api-Key': 'k', Host: 'own.example', Range: 'bytes=0-', Referer: 'r' };
    const response = await make().open(get(server.url.replace('://', '://a:b@'), headers));
    const seen = JSON.parse(await textOf(response.body));
    expect(seen).toMatchObject({ range: 'bytes=0-', referer: 'r', 'accept-encoding': 'identity', host: `127.0.0.1:${other.port}` });
    for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen).not.toHaveProperty(name);
    expect(response.url).toBe(`${other.url}/end`);
  });

  it('may name credentials of its own', async () => {
    const other = await httpServer(tellHeaders);
    const server = await httpServer((_, response) => response.writeHead(302, { location: other.url.replace('://', '://x:y@') }).end());
    const response = await make().open(get(server.url));
    expect(JSON.parse(await textOf(response.body))).toMatchObject({ authorization: 'Basic eDp5' });
    expect(response.url).toBe(`${other.url}/`);
  });

  it('with a long body costs its connection and nothing more', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/end') response.end('here');
      else response.writeHead(302, { location: '/end', 'content-length': 1e9 }).write(Buffer.alloc(1000));
    });
    const { body } = await make().open(get(server.url));
    expect(await textOf(body)).toBe('here');
    expect(server.accepted).toBe(2);
  });

  it('in a circle is refused', async () => {
    const server = await httpServer((request, response) => response.writeHead(302, { location: request.url === '/a' ? '/b' : '/a' }).end());
    await expect(make().open(get(`${server.url}/a`))).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      message: expect.stringContaining('circle'),
      retry: 'never',
    });
  });

  it('is followed twenty times', async () => {
    const server = await httpServer((request, response) => {
      const count = Number(request.url?.slice(1));
      if (count === 20) response.end('here');
      else response.writeHead(302, { location: `/${count + 1}` }).end();
    });
    const transport = make();
    expect(await textOf((await transport.open(get(`${server.url}/0`))).body)).toBe('here');
    await expect(transport.open(get(`${server.url}/-1`))).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      message: expect.stringContaining('20 times'),
    });
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://'])('to %s is refused', async (location) => {
    const server = await httpServer((_, response) => response.writeHead(302, { location }).end());
    const transport = make();
    await expect(transport.open(get(server.url))).rejects.toMatchObject({ code: 'SOURCE_REFUSED', retry: 'never' });
  });

  it('without a target is an answer like another', async () => {
    const server = await httpServer((_, response) => response.writeHead(302).end('odd'));
    const response = await make().open(get(server.url));
    expect([response.status, await textOf(response.body)]).toEqual([302, 'odd']);
  });
});
