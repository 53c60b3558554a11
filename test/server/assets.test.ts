import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';

import { assetsOf } from '../../src/server/assets.ts';
import { type Answer, ask as asked, type Question } from './asking.ts';

const index = '<!doctype html><script type="module" src="./assets/main-abc.js"></script>';
const script = 'export const everything = "here";\n'.repeat(20);
const built = {
  'index.html': index,
  'index.html.gz': gzipSync(index),
  'assets/main-abc.js': script,
  'assets/main-abc.js.gz': gzipSync(script),
  'assets/main-abc.js.br': brotliCompressSync(script),
  'assets/mark-abc.svg': '<svg/>',
};

/** A server that has `files` for its page, and 404 for what is no part of it. */
const site = async (
  files: Readonly<Record<string, string | Buffer>> = built,
): Promise<(path: string, question?: Question) => Promise<Answer>> => {
  const folder = mkdtempSync(join(tmpdir(), 'hydrant-assets-'));
  mkdirSync(join(folder, 'assets'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  const assets = assetsOf(folder, (path) => !path.startsWith('/api/'));
  const server = createServer((request, response) => {
    if (!assets(request, response)) response.writeHead(404).end('none of it');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  return (path, question) => asked(`http://127.0.0.1:${port}${path}`, question);
};

const browser = { accept: 'text/html,*/*' };

describe('the page', () => {
  it('is asked for again each time, and what it names never', async () => {
    const ask = await site();
    expect(await ask('/')).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Encoding' },
      body: Buffer.from(index),
    });
    expect(await ask('/assets/main-abc.js')).toMatchObject({
      headers: { 'cache-control': 'public, max-age=31536000, immutable', 'content-type': 'text/javascript; charset=utf-8' },
      body: Buffer.from(script),
    });
    expect(await ask('/assets/mark-abc.svg')).toMatchObject({ headers: { 'content-type': expect.stringMatching(/^image\/svg\+xml/) } });
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0.0, gzip;q=0', undefined],
    ['deflate', undefined],
    ['', undefined],
  ])('comes as it was compressed, where %j allows it: %s', async (accepted, coding) => {
    const ask = await site();
    const { headers, body } = await ask('/assets/main-abc.js', { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBe(coding);
    const plain = coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
    expect(plain.toString()).toBe(script);
  });

  it('does not come again to who has it, in the same coding', async () => {
    const ask = await site();
    const { etag = '' } = (await ask('/', { headers: { 'accept-encoding': 'gzip' } })).headers;
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const headers = { 'accept-encoding': 'gzip', 'if-none-match': tags };
      expect(await ask('/', { headers }), tags).toMatchObject({ status: 304, headers: { etag }, body: Buffer.alloc(0) });
    }
    expect(await ask('/', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 200 });
  });

  it('has the same head without the body', async () => {
    const ask = await site();
    const { date: _, ...whole } = (await ask('/assets/main-abc.js')).headers;
    const head = await ask('/assets/main-abc.js', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, headers: whole, body: Buffer.alloc(0) });
  });

  it('is at every path that a browser goes to, and names what it loads from there', async () => {
    const ask = await site();
    expect((await ask('/settings', { headers: browser })).body.toString()).toContain('src="./assets/main-abc.js"');
    expect((await ask('/tasks/abc123?q=./', { headers: browser })).body.toString()).toContain('src="../assets/main-abc.js"');
    expect((await ask('/a/b/c/', { headers: browser })).body.toString()).toContain('src="../../../assets/main-abc.js"');
    const [shallow, deep] = await Promise.all(['/a', '/a/b'].map(async (path) => (await ask(path, { headers: browser })).headers.etag));
    expect(shallow).not.toBe(deep);
  });

  it.each([
    ['a file that is not there', '/assets/gone.js', browser],
    ['a path of the interface', '/api/gone', browser],
    ['what no browser goes to', '/gone', {}],
    ['what is above it', '/../package.json', browser],
    ['what is above it, in other words', '/%2e%2e/package.json', browser],
  ])('is not the answer to %s', async (_, path, headers) => {
    const ask = await site();
    expect(await ask(path, { headers })).toMatchObject({ status: 404 });
  });

  it('is said to be missing where it was not built', async () => {
    const ask = await site({});
    const answer = await ask('/', { headers: browser });
    expect(answer).toMatchObject({ status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    expect(answer.body.toString()).toContain('npm run build');
  });
});
