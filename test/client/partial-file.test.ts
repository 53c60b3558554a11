import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin, told } from './stage.ts';

const size = 3 * 1024 * 1024;
const seed = 7;
const file = { seed, size };

const bytes = (start = 0, end = size): Buffer => Buffer.from(contentOf(seed, start, end));

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
