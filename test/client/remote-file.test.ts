import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { observed, origin } from './stage.ts';

const size = 2_000_003;
const expected = Buffer.from(contentOf(3, 0, size));

describe('a remote file', () => {
  it('is read anywhere, several places at once', async () => {
    const source = await origin({ files: { '/data.zip': { seed: 3, size } } });
    const { client } = observed();
    await using file = await client.open(source.url('/data.zip'));
    expect(file).toMatchObject({ length: size, name: 'data.zip' });
    const places = [0, 1_999_000, 5, 1_000_000].map(async (offset) => {
      expect(expected.subarray(offset, offset + 1000).equals(await file.read(offset, 1000))).toBe(true);
    });
    await Promise.all(places);
    expect(source.counts.sent).toBeLessThan(size + 100_000);
  });

  it('gives fewer bytes at its end and none behind it', async () => {
    const source = await origin({ files: { '/data': { seed: 3, size } } });
    const { client } = observed();
    await using file = await client.open(source.url('/data'));
    expect(expected.subarray(size - 3).equals(await file.read(size - 3, 100))).toBe(true);
    expect((await file.read(size, 100)).length).toBe(0);
    expect((await file.read(size + 5, 1)).length).toBe(0);
    await expect(file.read(-1, 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(file.read(0.5, 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('streams a range, and all of it', async () => {
    const source = await origin({ files: { '/data': { seed: 3, size } } });
    const { client } = observed();
    await using file = await client.open(source.url('/data'));
    const gather = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> => {
      const parts = [];
      for await (const part of bytes) parts.push(part);
      return Buffer.concat(parts);
    };
    expect((await gather(file.stream({ start: 10, end: 500_000 }))).equals(expected.subarray(10, 500_000))).toBe(true);
    expect((await gather(file.stream())).equals(expected)).toBe(true);
  });

  it('that changes between two reads is SOURCE_CHANGED, never a mix', async () => {
    const source = await origin({ files: { '/data': { seed: 3, size } } });
    const { client } = observed({ settings: { retryTimeout: 2000 } });
    await using file = await client.open(source.url('/data'));
    await file.read(0, 10);
    source.change('/data', { seed: 4, size });
    await expect(file.read(1_500_000, 10)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });

  it('that is closed rejects what is read with STOPPED', async () => {
    const source = await origin({ files: { '/data': { seed: 3, size } }, latency: 300 });
    const { client } = observed();
    const file = await client.open(source.url('/data'));
    const reading = file.read(1_500_000, 10);
    const outcome = expect(reading).rejects.toMatchObject({ code: 'STOPPED' });
    await client.close();
    await outcome;
  });
});
