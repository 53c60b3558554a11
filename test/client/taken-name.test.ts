import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { contentOf, digestOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin } from './stage.ts';

const size = 3 * 1024 * 1024;
const seed = 7;
const file = { seed, size };

const bytes = (start = 0, end = size): Buffer => Buffer.from(contentOf(seed, start, end));

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
