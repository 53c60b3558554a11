import { request } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import { tlsFixture } from '../fixtures/tls.ts';
import { ask, askRange, type Message, messageOf, type Wire, wire } from './wire.ts';

const size = 100_000;
const text = (start: number, end: number): string => Buffer.from(contentOf(1, start, end)).toString('latin1');

/** Asks for bytes 1000…1999 of an origin with `faults`, once. */
const once = async (...faults: Fault[]): Promise<Wire & Message> => {
  await using origin = await Origin.start({ files: { '/a': { size } }, faults });
  const seen = await wire(origin.port, askRange('/a', 1000, 2000));
  return { ...seen, ...messageOf(seen.text) };
};

describe('an origin with a fault', () => {
  it('drops after so many bytes', async () => {
    const seen = await once({ kind: 'drop', after: 300 });
    expect([seen.ending, seen.headers['content-length'], seen.body]).toEqual(['fin', '1000', text(1000, 1300)]);
  });

  it('drops before the head', async () => {
    expect(await once({ kind: 'drop' })).toMatchObject({ ending: 'fin', text: '' });
  });

  it('resets after so many bytes', async () => {
    const seen = await once({ kind: 'reset', after: 300 });
    expect(seen.ending).toBe('reset');
    expect(text(1000, 1300).startsWith(seen.body)).toBe(true);
  });

  it('resets before the head', async () => {
    expect(await once({ kind: 'reset' })).toMatchObject({ ending: 'reset', text: '' });
  });

  it('stalls until the peer leaves', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } }, faults: [{ kind: 'stall', after: 500 }] });
    const seen = await wire(origin.port, ask('/a'), (received) => messageOf(received).body.length >= 500);
    expect(seen.ending).toBe('open');
    await expect.poll(() => origin.requests[0]?.outcome).toBe('left');
    expect(origin.requests[0]?.sent).toBe(500);
  });

  it('stalls for a while', async () => {
    const started = performance.now();
    const seen = await once({ kind: 'stall', after: 500, for: 60 });
    expect(performance.now() - started).toBeGreaterThan(55);
    expect(seen.body).toBe(text(1000, 2000));
  });

  it('is slow', async () => {
    const started = performance.now();
    const seen = await once({ kind: 'slow', rate: 10_000 });
    expect(performance.now() - started).toBeGreaterThan(80);
    expect(seen.body).toBe(text(1000, 2000));
  });

  it('sends a short body and closes', async () => {
    const seen = await once({ kind: 'short', by: 1 });
    expect([seen.ending, seen.headers['content-length'], seen.body]).toEqual(['fin', '1000', text(1000, 1999)]);
  });

  it('sends a long body', async () => {
    const seen = await once({ kind: 'long', by: 7 });
    expect([seen.headers['content-length'], seen.body]).toEqual(['1000', `${text(1000, 2000)}surplus`]);
  });

  it('lies about the length', async () => {
    const seen = await once({ kind: 'length', by: 7 });
    expect([seen.headers['content-length'], seen.body]).toEqual(['1007', text(1000, 2000)]);
  });

  it.each<[string, Fault, string, number, number]>([
    ['shifted', { kind: 'range', start: 5, end: 5 }, 'bytes 1005-2004/100000', 1005, 2005],
    ['shifted in secret', { kind: 'range', start: 5, end: 5, label: 'asked' }, 'bytes 1000-1999/100000', 1005, 2005],
    ['that ends early', { kind: 'range', end: -900 }, 'bytes 1000-1099/100000', 1000, 1100],
    ['that ends late', { kind: 'range', end: 1000 }, 'bytes 1000-2999/100000', 1000, 3000],
    ['of an unknown total', { kind: 'range', total: '*' }, 'bytes 1000-1999/*', 1000, 2000],
    ['of another total', { kind: 'range', total: 1 }, 'bytes 1000-1999/100001', 1000, 2000],
  ])('serves a range %s', async (_, fault, contentRange, start, end) => {
    const seen = await once(fault);
    expect([seen.status, seen.headers['content-range']]).toEqual([206, contentRange]);
    expect(seen.body).toBe(text(start, end));
  });

  it('wraps a range in multipart', async () => {
    const seen = await once({ kind: 'multipart' });
    expect([seen.status, seen.headers['content-range']]).toEqual([206, undefined]);
    expect(seen.headers['content-type']).toBe('multipart/byteranges; boundary=EDGE');
    expect(seen.body).toContain(`Content-Range: bytes 1000-1999/100000\r\n\r\n${text(1000, 2000)}\r\n--EDGE--`);
    expect(seen.headers['content-length']).toBe(String(seen.body.length));
  });

  it('answers 200 to a range', async () => {
    const seen = await once({ kind: 'whole', accept: 'none' });
    expect([seen.status, seen.headers['accept-ranges'], seen.body.length]).toEqual([200, 'none', size]);
  });

  it('answers 416 to a range', async () => {
    expect(await once({ kind: 'unsatisfiable' })).toMatchObject({ status: 416, headers: { 'content-range': 'bytes */100000' } });
  });

  it('serves another file from a request on', async () => {
    const faults: Fault[] = [{ kind: 'change', to: { seed: 2, etag: 'W/"2"', lastModified: null }, when: { after: 1 } }];
    await using origin = await Origin.start({ files: { '/a': { size } }, faults });
    const first = messageOf((await wire(origin.port, askRange('/a', 0, 9))).text);
    const second = messageOf((await wire(origin.port, askRange('/a', 0, 9))).text);
    expect([first.headers.etag, first.body]).toEqual(['"1-186a0"', text(0, 9)]);
    expect([second.headers.etag, second.headers['last-modified']]).toEqual(['W/"2"', undefined]);
    expect(second.body).toBe(Buffer.from(contentOf(2, 0, 9)).toString('latin1'));
  });

  it('rotates its ETag', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } }, faults: [{ kind: 'rotate' }] });
    const tag = async (): Promise<string | undefined> => messageOf((await wire(origin.port, askRange('/a', 0, 9))).text).headers.etag;
    expect(await tag()).not.toBe(await tag());
  });

  it.each<[Fault, number]>([
    [{ kind: 'if-range', answer: 'whole' }, 200],
    [{ kind: 'if-range', answer: 'ignored' }, 206],
  ])('treats If-Range as told by %j', async (fault, status) => {
    await using origin = await Origin.start({ files: { '/a': { size, etag: '"x"' } }, faults: [fault] });
    const condition = fault.kind === 'if-range' && fault.answer === 'whole' ? '"x"' : '"other"';
    const seen = await wire(origin.port, ask('/a', { Range: 'bytes=0-0', 'If-Range': condition, Connection: 'close' }));
    expect(messageOf(seen.text).status).toBe(status);
  });

  it('is busy and says until when', async () => {
    expect((await once({ kind: 'status', status: 429, retryAfter: { seconds: 3 } })).headers['retry-after']).toBe('3');
    expect((await once({ kind: 'status', status: 503, retryAfter: { text: 'soon' } })).headers['retry-after']).toBe('soon');
    expect((await once({ kind: 'status', status: 503 })).headers['retry-after']).toBeUndefined();
    const dated = await once({ kind: 'status', status: 503, retryAfter: { date: 60_000 } });
    expect(Date.parse(dated.headers['retry-after'] ?? '') - Date.now()).toBeGreaterThan(55_000);
  });

  it('gzips uninvited', async () => {
    const seen = await once({ kind: 'gzip' });
    expect(seen.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.from(seen.body, 'latin1')).toString('latin1')).toBe(text(1000, 2000));
  });

  it('sends chunks without a length', async () => {
    const seen = await once({ kind: 'framing', as: 'chunked' });
    expect([seen.headers['content-length'], seen.headers['transfer-encoding']]).toEqual([undefined, 'chunked']);
    expect(seen.body).toBe(`3e8\r\n${text(1000, 2000)}\r\n0\r\n\r\n`);
  });

  it('ends a body with the connection', async () => {
    const seen = await once({ kind: 'framing', as: 'close' });
    expect(seen.text).toMatch(/^HTTP\/1\.0 206 /);
    expect([seen.headers['content-length'], seen.ending, seen.body]).toEqual([undefined, 'fin', text(1000, 2000)]);
  });

  it('sends Content-Length beside chunks', async () => {
    expect((await once({ kind: 'framing', as: 'both' })).headers).toMatchObject({
      'content-length': '1000',
      'transfer-encoding': 'chunked',
    });
  });

  it('redirects to a signed target that expires', async () => {
    const faults: Fault[] = [
      { kind: 'redirect', to: '/b', signed: true, when: { path: '/a' } },
      { kind: 'expire', uses: 1, when: { path: '/b' } },
    ];
    await using origin = await Origin.start({ files: { '/b': { size } }, faults });
    const location = async (): Promise<string> => messageOf((await wire(origin.port, askRange('/a', 0, 9))).text).headers.location ?? '';
    const status = async (path: string): Promise<number> => messageOf((await wire(origin.port, askRange(path, 0, 9))).text).status;
    const first = await location();
    expect([await status(first), await status(first), await status('/b')]).toEqual([206, 403, 403]);
    expect(await status(await location())).toBe(206);
  });

  it('requires a field', async () => {
    const fault: Fault = { kind: 'require', header: 'Authorization', value: 'Bearer t' };
    await using origin = await Origin.start({ files: { '/a': { size } }, faults: [fault] });
    const status = async (value: string): Promise<number> =>
      messageOf((await wire(origin.port, ask('/a', { Authorization: value, Connection: 'close' }))).text).status;
    expect([await status('Bearer u'), await status('Bearer t')]).toEqual([401, 200]);
  });

  it('sets and removes fields', async () => {
    const { headers } = await once({ kind: 'headers', set: { 'Content-Range': null, 'Set-Cookie': 'a=b' } });
    expect([headers['content-range'], headers['set-cookie']]).toEqual([undefined, 'a=b']);
  });

  it('sends an interim answer first', async () => {
    expect((await once({ kind: 'interim' })).text).toMatch(/^HTTP\/1\.1 103 .*\r\n.*\r\n\r\nHTTP\/1\.1 206 /);
  });

  it('sends a huge head', async () => {
    expect((await once({ kind: 'huge-head', size: 50_000 })).text.indexOf('\r\n\r\n')).toBeGreaterThan(50_000);
  });

  it('sends its head byte by byte', async () => {
    expect((await once({ kind: 'bytewise' })).body).toBe(text(1000, 2000));
  });

  it('sends bytes that are no HTTP', async () => {
    expect(await once({ kind: 'raw', text: 'ICY 200 OK\r\n\r\n' })).toMatchObject({ text: 'ICY 200 OK\r\n\r\n', ending: 'fin' });
  });

  it('goes away and comes back', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } }, faults: [{ kind: 'stall', after: 10 }] });
    const cut = wire(origin.port, ask('/a'));
    await expect.poll(() => origin.requests[0]?.sent).toBe(10);
    await origin.down();
    expect((await cut).ending).toBe('reset');
    expect((await wire(origin.port, ask('/a'))).ending).toBe('refused');
    origin.misbehave([]);
    await origin.up();
    expect(messageOf((await wire(origin.port, askRange('/a', 0, 9))).text).status).toBe(206);
  });

  it('resets a TLS connection', async () => {
    await using origin = await Origin.start({ files: { '/a': { size } }, faults: [{ kind: 'reset', after: 10 }], tls: tlsFixture });
    const code = await new Promise<string | undefined>((resolve) => {
      const sent = request(origin.url('/a'), { ca: tlsFixture.cert, agent: false }, (response) => {
        response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).resume();
      });
      sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end();
    });
    expect(code).toBe('ECONNRESET');
  });
});
