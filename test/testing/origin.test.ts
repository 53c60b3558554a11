import { request } from 'node:https';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { tlsFixture } from '../fixtures/tls.ts';
import { ask, messageOf, wire } from './wire.ts';

const size = 100_000;
const text = (start: number, end: number): string => Buffer.from(contentOf(1, start, end)).toString('latin1');

describe('an origin without faults', () => {
  it('serves the whole file', async () => {
    await using origin = await Origin.start({ files: { '/a': { size, type: 'text/x', disposition: 'inline' } } });
    const { status, headers, body } = messageOf((await wire(origin.port, ask('/a', { Connection: 'close' }))).text);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-length': '100000', 'accept-ranges': 'bytes', etag: '"1-186a0"' });
    expect(headers).toMatchObject({ 'content-type': 'text/x', 'content-disposition': 'inline' });
    expect(body).toBe(text(0, size));
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=99990-200000', 99_990, size],
    ['bytes=99990-', 99_990, size],
    ['bytes=-10', 99_990, size],
  ])('serves %s', async (field, start, end) => {
    await using origin = await Origin.start({ files: { '/a': { size } } });
    const seen = messageOf((await wire(origin.port, ask('/a', { Range: field, Connection: 'close' }))).text);
    expect(seen.status).toBe(206);
    expect(seen.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(seen.body).toBe(text(start, end));
  });

  it.each([
    ['/a', 'bytes=100000-', 'bytes */100000'],
    ['/empty', 'bytes=0-9', 'bytes */0'],
    ['/a', 'bytes=-0', 'bytes */100000'],
  ])('refuses of %s the range %s', async (path, field, contentRange) => {
    await using origin = await Origin.start({ files: { '/a': { size }, '/empty': { size: 0 } } });
    const seen = messageOf((await wire(origin.port, ask(path, { Range: field, Connection: 'close' }))).text);
    expect([seen.status, seen.headers['content-range'], seen.body]).toEqual([416, contentRange, '']);
  });

  it('answers requests on one connection in their order', async () => {
    await using origin = await Origin.start({ files: { '/a': { bytes: Buffer.from('first') }, '/b': { bytes: Buffer.from('second') } } });
    const seen = await wire(origin.port, ask('/a') + ask('/missing') + ask('/b', { Connection: 'close' }));
    expect(seen.text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(seen.text.indexOf('first')).toBeLessThan(seen.text.indexOf('second'));
    expect(origin.requests.map(({ connection, outcome }) => [connection, outcome])).toEqual([
      [1, 'whole'],
      [1, 'whole'],
      [1, 'whole'],
    ]);
  });

  it('honours If-Range', async () => {
    await using origin = await Origin.start({ files: { '/a': { size, etag: '"x"' }, '/w': { size, etag: 'W/"x"' } } });
    const status = async (path: string, condition: string): Promise<number> =>
      messageOf((await wire(origin.port, ask(path, { Range: 'bytes=0-0', 'If-Range': condition, Connection: 'close' }))).text).status;
    expect(await status('/a', '"x"')).toBe(206);
    expect(await status('/a', '"y"')).toBe(200);
    expect(await status('/w', 'W/"x"')).toBe(200);
    expect(await status('/a', 'Tue, 02 Jan 2024 03:04:05 GMT')).toBe(206);
  });

  it('answers HEAD without a body', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } } });
    const seen = messageOf((await wire(origin.port, ask('/a', { Connection: 'close' }, 'HEAD'))).text);
    expect([seen.status, seen.headers['content-length'], seen.body]).toEqual([200, '100000', '']);
  });

  it('logs what was asked and sent, and who left', async () => {
    await using origin = await Origin.start({ files: { '/a': { size: 2 ** 40 } } });
    await wire(origin.port, ask('/a?x=1', { 'X-Y': 'z' }), (received) => received.length > 10_000);
    await expect.poll(() => origin.requests[0]?.outcome).toBe('left');
    const [log] = origin.requests;
    expect(log).toMatchObject({ method: 'GET', target: '/a?x=1', status: 200, headers: { 'x-y': 'z' } });
    expect(log?.sent).toBeGreaterThan(9000);
    expect(origin.counts.sent).toBe(log?.sent);
  });

  it('serves https', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } }, tls: tlsFixture });
    const body = await new Promise<Buffer>((resolve, reject) => {
      const sent = request(origin.url('/a'), { ca: tlsFixture.cert, agent: false }, async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part);
        resolve(Buffer.concat(parts));
      });
      sent.on('error', reject).end();
    });
    expect(body.equals(contentOf(1, 0, size))).toBe(true);
  });
});
