import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { transportOf } from '../../src/client/transport.ts';
import { layered } from '../../src/core/options.ts';
import type { Chunk, Transport } from '../../src/core/ports.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import { contentOf, digestOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin, told } from './stage.ts';

const size = 3 * 1024 * 1024;
const seed = 7;
const file = { seed, size };

const bytes = (start = 0, end = size): Buffer => Buffer.from(contentOf(seed, start, end));

describe('a download', () => {
  it('is the file of the source, under its name, with nothing beside it', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client, events } = observed();
    const result = await client.download(source.url('/data.bin'), { output: directory });
    expect(result).toMatchObject({ path: join(directory, 'data.bin'), bytes: size, skipped: false, verified: 'length' });
    expect((await readFile(result.path)).equals(bytes())).toBe(true);
    expect(await listing(directory)).toEqual(['data.bin']);
    expect(told(events, 'done')).toMatchObject({ file: 0, name: 'data.bin', bytes: size });
    expect(told(events, 'summary').bytes).toBe(size);
    expect(Number.isInteger(told(events, 'summary').elapsed)).toBe(true);
  });

  it('of an empty file is an empty file', async () => {
    const source = await origin({ files: { '/none': { seed, size: 0, type: null } } });
    const directory = await folder();
    const { client } = observed();
    const result = await client.download(source.url('/none'), { output: directory });
    expect(result).toMatchObject({ bytes: 0, skipped: false });
    expect((await stat(result.path)).size).toBe(0);
    expect(await listing(directory)).toEqual(['none']);
  });

  it('of unknown length ends with the body', async () => {
    const source = await origin({
      files: { '/data.bin': file },
      faults: [
        { kind: 'whole', accept: 'none' },
        { kind: 'framing', as: 'chunked' },
      ],
    });
    const directory = await folder();
    const { client } = observed();
    const result = await client.download(source.url('/data.bin'), { output: directory });
    expect(result).toMatchObject({ bytes: size, verified: 'none' });
    expect((await readFile(result.path)).equals(bytes())).toBe(true);
  });

  it('makes the directories that it needs', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client } = observed();
    const { path } = await client.download(source.url('/data.bin'), { output: join(directory, 'a', 'b', 'c.bin') });
    expect(path).toBe(join(directory, 'a', 'b', 'c.bin'));
    expect((await stat(path)).size).toBe(size);
  });

  it('takes the name from Content-Disposition, but never a path', async () => {
    const source = await origin({ files: { '/get': { ...file, disposition: 'attachment; filename="../../up.bin"' } } });
    const directory = await folder();
    const { client } = observed();
    const { path } = await client.download(source.url('/get'), { output: join(directory, 'in/') });
    expect(await listing(directory)).toEqual(['in']);
    expect(await listing(join(directory, 'in'))).toHaveLength(1);
    expect(path.startsWith(join(directory, 'in'))).toBe(true);
  });

  it('of a range is exactly those bytes', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client } = observed();
    const volumes = [[{ url: source.url('/data.bin') }]];
    const wanted = [
      ['100000-2099999', 100_000, 2_100_000],
      ['3000000-', 3_000_000, size],
      ['-777', size - 777, size],
      ['3000000-9999999', 3_000_000, size],
    ] as const;
    for (const [range, start, end] of wanted) {
      const { path } = await client.download({ volumes, range, out: `${start}-${range}` }, { output: directory });
      expect((await readFile(path)).equals(bytes(start, end)), range).toBe(true);
    }
  });

  it('of a range is exactly those bytes even where the source serves no ranges and says no length', async () => {
    const source = await origin({
      files: { '/data.bin': file },
      faults: [
        { kind: 'whole', accept: 'none' },
        { kind: 'framing', as: 'chunked' },
      ],
    });
    const directory = await folder();
    const { client } = observed();
    const volumes = [[{ url: source.url('/data.bin') }]];
    for (const [range, start, end] of [
      ['100000-2099999', 100_000, 2_100_000],
      ['3000000-', 3_000_000, size],
      ['3000000-9999999', 3_000_000, size],
    ] as const) {
      const { path } = await client.download({ volumes, range, out: range }, { output: directory });
      expect((await readFile(path)).equals(bytes(start, end)), range).toBe(true);
    }
    for (const range of ['-10', '9999999-']) {
      const error = { code: 'RANGE_UNSATISFIABLE' };
      await expect(client.download({ volumes, range, out: 'none' }, { output: directory })).rejects.toMatchObject(error);
    }
  });

  it('of a range outside the file fails and leaves nothing', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], range: '99999999-' };
    await expect(client.download(spec, { output: directory })).rejects.toMatchObject({ code: 'RANGE_UNSATISFIABLE' });
    expect(await listing(directory)).toEqual([]);
  });

  it('of a range outside a file that its server does not measure is told so all the same', async () => {
    const faults = [{ kind: 'status', status: 416, when: { within: { start: size, end: Number.POSITIVE_INFINITY } } }] as const;
    const source = await origin({ files: { '/data.bin': file }, faults });
    const { client } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], range: '99999999-' };
    const refused = client.download(spec, { output: await folder() });
    await expect(refused).rejects.toMatchObject({ code: 'RANGE_UNSATISFIABLE', message: expect.stringContaining(`${size}`) });
  });

  it('of a missing file fails, names the source and leaves nothing', async () => {
    const source = await origin({});
    const directory = await folder();
    const { client, events } = observed();
    const url = source.url('/gone.bin', 'me:secret');
    await expect(client.download(url, { output: directory })).rejects.toMatchObject({ code: 'SOURCE_REFUSED', status: 404 });
    expect(await listing(directory)).toEqual([]);
    expect(told(events, 'failed').url).toContain('/gone.bin');
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('sets the time of the source where that is asked for', async () => {
    const lastModified = 'Tue, 01 Feb 2022 10:20:30 GMT';
    const source = await origin({ files: { '/data.bin': { ...file, lastModified } } });
    const directory = await folder();
    const { client } = observed();
    const { path } = await client.download(source.url('/data.bin'), { output: directory, remoteTime: true });
    expect((await stat(path)).mtimeMs).toBe(Date.parse(lastModified));
  });
});

describe('a digest', () => {
  it('that fits is told of', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client, events } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], checksum: `sha256:${digestOf(file)}` };
    expect(await client.download(spec, { output: directory })).toMatchObject({ verified: 'digest' });
    expect(told(events, 'verify')).toMatchObject({ name: 'data.bin', algorithm: 'sha256' });
  });

  it('that does not fit leaves the bytes as .part.bad and no file', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], checksum: `sha256:${'0'.repeat(64)}` };
    await expect(client.download(spec, { output: directory })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      exitCode: 3,
      message: expect.stringContaining('data.bin.part.bad'),
    });
    expect(await listing(directory)).toEqual(['data.bin.part.bad']);
  });

  it('that is none is refused before any request', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], checksum: 'sha257:00' };
    await expect(client.download(spec)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(source.requests).toHaveLength(0);
  });
});

describe('a partial file', () => {
  const stopped = async (url: string, directory: string): Promise<void> => {
    const { client } = observed({ settings: { connections: 1 } });
    const stopping = new AbortController();
    const running = client.download(url, { output: directory }, stopping.signal);
    const timer = setInterval(async () => {
      const part = await stat(join(directory, 'data.bin.part.json')).catch(() => undefined);
      if (part !== undefined && part.size > 400) stopping.abort();
    }, 20);
    await expect(running).rejects.toMatchObject({ code: 'STOPPED' });
    clearInterval(timer);
    expect(await listing(directory)).toEqual(['data.bin.part', 'data.bin.part.json']);
  };

  const slow = { rate: { total: 2 * 1024 * 1024 } };

  it('is gone on with: what was held is not fetched again', async () => {
    const source = await origin({ files: { '/data.bin': file }, ...slow });
    const directory = await folder();
    await stopped(source.url('/data.bin'), directory);
    const { client, events } = observed();
    const { path } = await client.download(source.url('/data.bin'), { output: directory });
    expect((await readFile(path)).equals(bytes())).toBe(true);
    const kept = told(events, 'resume');
    expect(kept).toMatchObject({ proven: true, length: size });
    expect(kept.bytes).toBeGreaterThan(0);
    expect(told(events, 'summary')).toMatchObject({ bytes: size - kept.bytes, twice: 0 });
    expect(await listing(directory)).toEqual(['data.bin']);
  });

  it('of another version is started anew, and says so', async () => {
    const source = await origin({ files: { '/data.bin': file }, ...slow });
    const directory = await folder();
    await stopped(source.url('/data.bin'), directory);
    source.change('/data.bin', { seed: 8, size });
    const { client, events } = observed();
    const { path } = await client.download(source.url('/data.bin'), { output: directory });
    expect((await readFile(path)).equals(Buffer.from(contentOf(8, 0, size)))).toBe(true);
    expect(told(events, 'restart').message).toContain('changed');
  });

  it('that has no journal is nobody knows whose, and left alone unless told otherwise', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const theirs = join(directory, 'data.bin.part');
    await writeFile(theirs, 'of a browser');
    const { client } = observed();
    const refused = { code: 'OPTION_INVALID', message: expect.stringContaining('data.bin.part') };
    await expect(client.download(source.url('/data.bin'), { output: directory })).rejects.toMatchObject(refused);
    expect(await readFile(theirs, 'utf8')).toBe('of a browser');
    await client.download(source.url('/data.bin'), { output: directory, continue: false });
    expect(await listing(directory)).toEqual(['data.bin']);
  });

  it('is not looked at where that is not wanted', async () => {
    const source = await origin({ files: { '/data.bin': file }, ...slow });
    const directory = await folder();
    await stopped(source.url('/data.bin'), directory);
    const { client, events } = observed();
    await client.download(source.url('/data.bin'), { output: directory, continue: false });
    expect(events.filter(({ event }) => event === 'resume')).toEqual([]);
  });

  it('that no validator proves is sampled: the same goes on, another is fetched anew', async () => {
    for (const [changed, seedNow] of [
      [false, seed],
      [true, 8],
    ] as const) {
      const bare = { ...file, etag: null, lastModified: null };
      const source = await origin({ files: { '/data.bin': bare }, ...slow });
      const directory = await folder();
      await stopped(source.url('/data.bin'), directory);
      source.change('/data.bin', { ...bare, seed: seedNow });
      const { client, events } = observed();
      const { path } = await client.download(source.url('/data.bin'), { output: directory });
      expect((await readFile(path)).equals(Buffer.from(contentOf(seedNow, 0, size)))).toBe(true);
      const { bytes: held, proven } = told(events, 'resume');
      expect(proven).toBe(false);
      expect(told(events, 'summary').bytes).toBe(changed ? size : size - held);
    }
  });

  it('of another part of the file is not mixed in', async () => {
    const source = await origin({ files: { '/data.bin': file }, ...slow });
    const directory = await folder();
    await stopped(source.url('/data.bin'), directory);
    const { client, events } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], range: '1000-1999999' };
    const { path } = await client.download(spec, { output: directory });
    expect((await readFile(path)).equals(bytes(1000, 2_000_000))).toBe(true);
    expect(told(events, 'restart').message).toContain('another part');
  });
});

describe('a file that is there already', () => {
  const make = async (content: Uint8Array) => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const path = join(directory, 'data.bin');
    await writeFile(path, content);
    return { source, directory, path, url: source.url('/data.bin'), client: observed().client };
  };

  it('and is the same is not fetched again: samples suffice', async () => {
    const { source, directory, url, client } = await make(bytes());
    expect(await client.download(url, { output: directory })).toMatchObject({ skipped: true, bytes: size, verified: 'length' });
    expect(source.counts.sent).toBeLessThan(size);
  });

  it('and has another length is left alone, with advice', async () => {
    const { directory, path, url, client } = await make(bytes(0, 1000));
    await expect(client.download(url, { output: directory })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('overwrite'),
    });
    expect((await readFile(path)).equals(bytes(0, 1000))).toBe(true);
    expect(await listing(directory)).toEqual(['data.bin']);
  });

  it('and has other bytes at its end is left alone', async () => {
    const other = bytes();
    other[size - 1] = (other[size - 1] ?? 0) ^ 1;
    const { directory, path, url, client } = await make(other);
    await expect(client.download(url, { output: directory })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect((await readFile(path)).equals(other)).toBe(true);
  });

  it('is told by its digest where one is given', async () => {
    const { source, directory, url, client } = await make(bytes());
    const spec = { volumes: [[{ url }]], checksum: `md5:${digestOf(file, 'md5')}` };
    expect(await client.download(spec, { output: directory })).toMatchObject({ skipped: true, verified: 'digest' });
    expect(source.requests.length).toBeLessThan(3);
  });

  it('is left with skip, replaced with overwrite, kept beside with rename, an error with fail', async () => {
    const { directory, path, url, client } = await make(bytes(0, 5));
    expect(await client.download(url, { output: directory, ifExists: 'skip' })).toMatchObject({ skipped: true, bytes: 5 });
    await expect(client.download(url, { output: directory, ifExists: 'fail' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    const renamed = await client.download(url, { output: directory, ifExists: 'rename' });
    expect(renamed.path).toBe(join(directory, 'data (1).bin'));
    expect((await readFile(path)).length).toBe(5);
    await client.download(url, { output: directory, ifExists: 'overwrite' });
    expect((await readFile(path)).equals(bytes())).toBe(true);
    expect(await listing(directory)).toEqual(['data (1).bin', 'data.bin']);
  });

  it('is skipped without a request where its name was given', async () => {
    const { source, path, url, client } = await make(bytes(0, 5));
    expect(await client.download(url, { output: path, ifExists: 'skip' })).toMatchObject({ skipped: true });
    expect(source.requests).toHaveLength(0);
  });

  it('with the time of the source counts as the same', async () => {
    const lastModified = 'Tue, 01 Feb 2022 10:20:30 GMT';
    const source = await origin({ files: { '/data.bin': { ...file, lastModified } } });
    const directory = await folder();
    const { client } = observed();
    await client.download(source.url('/data.bin'), { output: directory, remoteTime: true });
    const requests = source.requests.length;
    expect(await client.download(source.url('/data.bin'), { output: directory })).toMatchObject({ skipped: true });
    expect(source.requests.length).toBe(requests + 1);
  });
});

describe('two downloads at once', () => {
  it('of one name get two names', async () => {
    const source = await origin({ files: { '/a/data.bin': file, '/b/data.bin': { seed: 9, size: 1000 } } });
    const directory = await folder();
    const { client } = observed();
    const [a, b] = await Promise.all(
      ['/a/data.bin', '/b/data.bin'].map((path) => client.download(source.url(path), { output: directory })),
    );
    expect([a?.path, b?.path]).toEqual([join(directory, 'data.bin'), join(directory, 'data (1).bin')]);
    expect((await readFile(b?.path ?? '')).equals(Buffer.from(contentOf(9, 0, 1000)))).toBe(true);
  });
});

/** A transport that counts the payload bytes that are not released yet. */
const counting = (): { transport: Transport; peak: () => number } => {
  const inner = transportOf(layered(transferOptions, {}));
  let held = 0;
  let peak = 0;
  async function* counted(body: AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, void> {
    for await (const { bytes: payload, release } of body) {
      const { length } = payload;
      held += length;
      peak = Math.max(peak, held);
      yield {
        bytes: payload,
        release: () => {
          held -= length;
          release();
        },
      };
    }
  }
  const transport: Transport = {
    open: async (request, signal) => {
      const response = await inner.open(request, signal);
      const { status, headers, url, framing } = response;
      return { status, headers, url, framing, body: counted(response.body), close: () => response.close() };
    },
    close: () => inner.close(),
  };
  return { transport, peak: () => peak };
};

describe('memory', () => {
  it('holds no more than the buffer while a file goes to disk, which is not slow for that', async () => {
    const large = { seed, size: 48 * 1024 * 1024 };
    const source = await origin({ files: { '/large': large } });
    const buffer = 2 * 1024 * 1024;
    const { transport, peak } = counting();
    onTestFinished(() => transport.close());
    const { client } = observed({ transport, settings: { buffer, connections: 16, perOrigin: 16 } });
    const directory = await folder();
    const { path, summary } = await client.download(source.url('/large'), { output: directory });
    expect(digestOf({ bytes: await readFile(path) })).toBe(digestOf(large));
    expect(peak()).toBeLessThanOrEqual(buffer);
    expect(peak()).toBeGreaterThan(0);
    expect(summary?.elapsed).toBeLessThan(10_000);
  });
});

describe('two downloads of one file by two clients', () => {
  it('are one: the second names who holds it, and harms nothing', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { connection: 2_000_000 } });
    const directory = await folder();
    const first = observed();
    const running = first.client.download(source.url('/data.bin'), { output: directory });
    await expect.poll(() => first.events.some(({ event }) => event === 'progress')).toBe(true);
    const second = observed();
    await expect(second.client.download(source.url('/data.bin'), { output: directory })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(second.events.map(({ event }) => event)).not.toContain('resume');
    expect((await readFile((await running).path)).equals(bytes())).toBe(true);
    expect(await listing(directory)).toEqual(['data.bin']);
  });

  it('whose name is taken meanwhile leaves both files there', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { connection: 2_000_000 } });
    const directory = await folder();
    const { client, events } = observed();
    const running = client.download(source.url('/data.bin'), { output: directory });
    running.catch(() => undefined);
    await expect.poll(() => events.some(({ event }) => event === 'progress')).toBe(true);
    await writeFile(join(directory, 'data.bin'), 'mine');
    await expect(running).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('data.bin has appeared meanwhile'),
    });
    expect(await readFile(join(directory, 'data.bin'), 'utf8')).toBe('mine');
    expect(await listing(directory)).toContain('data.bin.part');
  });
});
