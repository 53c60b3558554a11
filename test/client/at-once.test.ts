import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin } from './stage.ts';

const size = 3 * 1024 * 1024;
const seed = 7;
const file = { seed, size };

const bytes = (start = 0, end = size): Buffer => Buffer.from(contentOf(seed, start, end));

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
