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

describe('a fault strikes', () => {
  /** The statuses of `count` requests, one after another, where the fault is a 503. */
  const statuses = async (when: Fault['when'], count: number, methods: readonly string[] = ['GET']): Promise<number[]> => {
    const fault: Fault = { kind: 'status', status: 503, ...(when === undefined ? {} : { when }) };
    await using origin = await Origin.start({ files: { '/a': { size: 10 } }, faults: [fault] });
    const seen: number[] = [];
    for (let index = 0; index < count; index++) {
      const method = methods[index % methods.length];
      seen.push(messageOf((await wire(origin.port, ask('/a', { Connection: 'close' }, method))).text).status);
    }
    return seen;
  };

  it.each<[Fault['when'], number[]]>([
    [undefined, [503, 503, 503, 503]],
    [{ first: 1 }, [503, 200, 200, 200]],
    [{ after: 3 }, [200, 200, 200, 503]],
    [{ every: 2 }, [200, 503, 200, 503]],
    [{ requests: [0, 2] }, [503, 200, 503, 200]],
    [{ path: '/b' }, [200, 200, 200, 200]],
    [{ ranged: true }, [200, 200, 200, 200]],
    [{ chance: 0 }, [200, 200, 200, 200]],
    [{ chance: 1 }, [503, 503, 503, 503]],
  ])('the requests that %j names', async (when, expected) => {
    expect(await statuses(when, 4)).toEqual(expected);
  });

  it('one method only, counting no other', async () => {
    expect(await statuses({ method: 'HEAD', requests: [1] }, 4, ['GET', 'HEAD'])).toEqual([200, 200, 200, 503]);
  });

  it('the same requests whenever its seed is the same', async () => {
    const first = await statuses({ chance: 0.5, seed: 3 }, 20);
    expect(new Set(first).size).toBe(2);
    expect(await statuses({ chance: 0.5, seed: 3 }, 20)).toEqual(first);
  });

  it('requests for some byte of a range', async () => {
    const faults: Fault[] = [{ kind: 'status', status: 503, when: { within: { start: 100, end: 200 } } }];
    await using origin = await Origin.start({ files: { '/a': { size } }, faults });
    const status = async (start: number, end: number): Promise<number> =>
      messageOf((await wire(origin.port, askRange('/a', start, end))).text).status;
    expect([await status(0, 100), await status(99, 101), await status(200, 300)]).toEqual([206, 503, 206]);
  });

  it('requests beyond so many at once', async () => {
    const faults: Fault[] = [
      { kind: 'stall', after: 1, when: { first: 2 } },
      { kind: 'status', status: 503, when: { beyond: 2 } },
    ];
    await using origin = await Origin.start({ files: { '/a': { size } }, faults });
    const leave = new AbortController();
    const held = [0, 1].map(() => wire(origin.port, ask('/a'), () => leave.signal.aborted));
    await expect.poll(() => origin.requests.map(({ sent }) => sent)).toEqual([1, 1]);
    const statusNow = async (): Promise<number> => messageOf((await wire(origin.port, askRange('/a', 0, 1))).text).status;
    expect([await statusNow(), await statusNow()]).toEqual([503, 503]);
    expect(origin.counts.peak).toBe(2);
    await origin.down();
    await Promise.all(held);
    await origin.up();
    expect(await statusNow()).toBe(206);
  });
});

describe('rates', () => {
  /** Bytes per second that `connections` clients get together in a quarter of a second. */
  const measured = async (rate: { connection?: number; total?: number }, connections: number): Promise<number[]> => {
    await using origin = await Origin.start({ files: { '/a': { size: 2 ** 40 } }, rate });
    const started = performance.now();
    const until = (): boolean => performance.now() - started > 400;
    const seen = await Promise.all(Array.from({ length: connections }, () => wire(origin.port, ask('/a'), until)));
    return seen.map(({ text: received }) => (received.length * 1000) / (performance.now() - started));
  };

  it('hold for each connection', async () => {
    for (const rate of await measured({ connection: 1_000_000 }, 2)) {
      expect(rate).toBeGreaterThan(700_000);
      expect(rate).toBeLessThan(1_100_000);
    }
  });

  it('hold for all connections together, fairly', async () => {
    const rates = await measured({ total: 1_200_000 }, 3);
    expect(rates.reduce((sum, rate) => sum + rate)).toBeLessThan(1_350_000);
    for (const rate of rates) expect(rate).toBeGreaterThan(280_000);
  });

  it('leave to others what one connection may not take', async () => {
    const rates = await measured({ connection: 500_000, total: 10_000_000 }, 2);
    for (const rate of rates) expect(rate).toBeLessThan(570_000);
  });

  it('come after the latency', async () => {
    await using origin = await Origin.start({ files: { '/a': { size: 1 } }, latency: 50 });
    const started = performance.now();
    await wire(origin.port, ask('/a', { Connection: 'close' }));
    expect(performance.now() - started).toBeGreaterThan(48);
  });
});
