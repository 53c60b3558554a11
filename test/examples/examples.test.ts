import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { contentOf, digestOf } from '../../src/testing/content.ts';
import { Origin, type OriginOptions } from '../../src/testing/origin.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const size = 2_000_000;
const file = { seed: 5, size };

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs an example with plain node in an empty directory, against the built package. */
const run = async (name: string, ...args: string[]): Promise<Ended & { directory: string }> => {
  const directory = await mkdtemp(join(tmpdir(), 'hydrant-example-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const child = spawn(process.execPath, [join(root, 'examples', `${name}.js`), ...args], { cwd: directory });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString(), directory };
};

const origin = async (options: OriginOptions): Promise<Origin> => {
  const started = await Origin.start(options);
  onTestFinished(() => started.close());
  return started;
};

/** A server of these bytes that knows ranges. */
const serve = async (bytes: Buffer): Promise<string> => {
  const server = createServer((request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? bytes.length : Math.min(bytes.length, Number(last) + 1);
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}`, 'content-length': end - start, etag: '"1"' });
    response.end(bytes.subarray(start, end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('the example', () => {
  beforeAll(() => {
    if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('the package is not built: npm run build');
  });

  it('download brings a file and shows its progress', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { total: 3_000_000 } });
    const { code, stdout, stderr, directory } = await run('download', source.url('/data.bin'));
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: `data.bin has ${size} bytes\n` });
    expect(stderr).toMatch(/data\.bin: \d+ % at \d/);
    expect((await readFile(join(directory, 'data.bin'))).equals(Buffer.from(contentOf(5, 0, size)))).toBe(true);
  });

  it('mirrors takes one file from several sources, and knows what is wrong', async () => {
    const [one, two] = [await origin({ files: { '/data.bin': file } }), await origin({ files: { '/data.bin': file } })];
    const urls = [one.url('/data.bin'), two.url('/data.bin')];
    const good = await run('mirrors', `sha256:${digestOf(file)}`, ...urls);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout.toString()).toMatch(/^data\.bin, verified by digest\n(?:http.* gave \d+ bytes\n){2}$/);
    const bad = await run('mirrors', `sha256:${'0'.repeat(64)}`, ...urls);
    expect(bad).toMatchObject({ code: 3, stderr: expect.stringMatching(/^DIGEST_MISMATCH: /) });
  });

  it('gunzip decompresses files as they come', async () => {
    const urls = [await serve(gzipSync('one\n')), await serve(gzipSync('two\n'))];
    const { code, stdout, directory } = await run('gunzip', ...urls);
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'one\ntwo\n' });
    expect(await readdir(directory)).toEqual([]);
  });

  it('zip-end reads the end of a file alone', async () => {
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(42, 10);
    const url = await serve(Buffer.concat([Buffer.alloc(3_000_000), end]));
    const { code, stdout } = await run('zip-end', `${url}/big.zip`);
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'big.zip has 42 entries\n' });
  });

  it('cancel stops in time and keeps what came', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { total: 500_000 } });
    const { code, stdout, directory } = await run('cancel', source.url('/data.bin'));
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'stopped; the rest can be fetched later\n' });
    expect((await readdir(directory)).sort()).toEqual(['data.bin.part', 'data.bin.part.json']);
  });

  it('is tested here, each of them', async () => {
    const tested = ['cancel', 'download', 'gunzip', 'mirrors', 'zip-end'];
    expect((await readdir(join(root, 'examples'))).sort()).toEqual(tested.map((name) => `${name}.js`));
  });
});
