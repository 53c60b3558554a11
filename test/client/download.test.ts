import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

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
