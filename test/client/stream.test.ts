import { describe, expect, it } from 'vitest';

import type { StreamedFile } from '../../src/client/stream.ts';
import { contentOf, digestOf } from '../../src/testing/content.ts';
import { observed, origin, told } from './stage.ts';

const MiB = 1024 * 1024;
const size = 5 * MiB;
const file = { seed: 3, size };
const expected = Buffer.from(contentOf(3, 0, size));

const all = async (files: AsyncIterable<StreamedFile>): Promise<{ name: string; bytes: Buffer }[]> => {
  const found = [];
  for await (const one of files) {
    const parts = [];
    for await (const bytes of one.bytes) parts.push(bytes);
    found.push({ name: one.name, bytes: Buffer.concat(parts) });
  }
  return found;
};

describe('a stream', () => {
  it('gives its files in the order they were asked for, even when the first is slow to answer', async () => {
    const slow = await origin({ files: { '/1.bin': file }, latency: 300 });
    const quick = await origin({ files: { '/2.bin': { seed: 4, size: 1000 }, '/3.bin': { seed: 5, size: 0 } } });
    const { client, events } = observed();
    const found = await all(client.stream([slow.url('/1.bin'), quick.url('/2.bin'), quick.url('/3.bin')]));
    expect(found.map(({ name, bytes }) => [name, bytes.length])).toEqual([
      ['1.bin', size],
      ['2.bin', 1000],
      ['3.bin', 0],
    ]);
    expect(found[0]?.bytes.equals(expected)).toBe(true);
    expect(found[1]?.bytes.equals(Buffer.from(contentOf(4, 0, 1000)))).toBe(true);
    expect(events.filter(({ event }) => event === 'done').map((event) => event.file)).toEqual([0, 1, 2]);
  });

  it('holds no more than its buffer', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client, events } = observed();
    const [found] = await all(client.stream(source.url('/data.bin'), { buffer: MiB }));
    expect(found?.bytes.equals(expected)).toBe(true);
    const { peak } = told(events, 'summary');
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThanOrEqual(MiB);
  });

  it('lets go of its sources when the reader leaves', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client } = observed();
    for await (const one of client.stream([source.url('/data.bin'), source.url('/data.bin')], { buffer: MiB })) {
      for await (const bytes of one.bytes) if (bytes.length > 0) break;
      break;
    }
    await client.close();
    await expect.poll(() => source.counts.open).toBe(0);
  });

  it('of a file whose bytes nobody reads goes on with the next', async () => {
    const source = await origin({ files: { '/1.bin': file, '/2.bin': { seed: 4, size: 1000 } } });
    const { client } = observed();
    const names = [];
    for await (const one of client.stream([source.url('/1.bin'), source.url('/2.bin')])) names.push(one.name);
    expect(names).toEqual(['1.bin', '2.bin']);
  });

  it('asks for the next file ahead, and bears that its source leaves meanwhile', async () => {
    const first = await origin({ files: { '/1.bin': file } });
    const faults = [{ kind: 'reset', after: 100_000, when: { first: 1 } }] as const;
    const second = await origin({ files: { '/2.bin': file }, faults });
    const { client } = observed();
    const lengths = [];
    for await (const one of client.stream([first.url('/1.bin'), second.url('/2.bin')])) {
      let length = 0;
      for await (const bytes of one.bytes) {
        length += bytes.length;
        if (one.name === '1.bin') await expect.poll(() => second.requests[0]?.outcome).toBe('cut');
      }
      lengths.push(length);
    }
    expect(lengths).toEqual([size, size]);
  });

  it('with a wrong digest gives every byte and then the error', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], checksum: `sha1:${'0'.repeat(40)}` };
    let bytes = 0;
    const reading = (async () => {
      for await (const one of client.stream(spec)) for await (const part of one.bytes) bytes += part.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(bytes).toBe(size);
  });

  it('with the right digest ends well', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client, events } = observed();
    const spec = { volumes: [[{ url: source.url('/data.bin') }]], checksum: `sha1:${digestOf(file, 'sha1')}` };
    await all(client.stream(spec));
    expect(told(events, 'done').verified).toBe('digest');
  });

  it('of a range gives just that', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const { client } = observed();
    const volumes = [[{ url: source.url('/data.bin') }]];
    const [middle, last] = await all(
      client.stream([
        { volumes, range: '70000-3000000' },
        { volumes, range: '-10' },
      ]),
    );
    expect(middle?.bytes.equals(expected.subarray(70_000, 3_000_001))).toBe(true);
    expect(last?.bytes.equals(expected.subarray(size - 10))).toBe(true);
  });

  it('of volumes gives them end to end', async () => {
    const source = await origin({ files: { '/1': { seed: 1, size: 700_000 }, '/2': { seed: 2, size: 300_001 } } });
    const { client } = observed();
    const [found] = await all(client.stream({ volumes: [[{ url: source.url('/1') }], [{ url: source.url('/2') }]] }));
    const parts = [contentOf(1, 0, 700_000), contentOf(2, 0, 300_001)];
    expect(found?.bytes.equals(Buffer.concat(parts))).toBe(true);
  });

  it('that is stopped throws STOPPED with the reason as its cause', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { total: 512 * 1024 } });
    const { client } = observed();
    const stopping = new AbortController();
    const reading = (async () => {
      for await (const one of client.stream(source.url('/data.bin'), {}, stopping.signal)) {
        for await (const part of one.bytes) if (part.length > 0) stopping.abort('enough');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'STOPPED', cause: 'enough' });
  });

  it('throws at a file that cannot be had, naming it', async () => {
    const source = await origin({ files: { '/1.bin': { seed: 1, size: 10 } } });
    const { client, events } = observed();
    await expect(all(client.stream([source.url('/1.bin'), source.url('/2.bin')]))).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      url: source.url('/2.bin'),
    });
    expect(told(events, 'failed')).toMatchObject({ file: 1 });
  });

  it('is refused before any request where one of its files cannot be meant', async () => {
    const { client, events } = observed();
    expect(() => client.stream(['http://127.0.0.1:1/x', 'ftp://x/y'])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(events).toEqual([]);
  });
});
