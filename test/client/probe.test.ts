import { describe, expect, it } from 'vitest';

import { observed, origin } from './stage.ts';

const file = { seed: 3, size: 1_000_000, type: 'text/plain', etag: '"one"' };

describe('a probe', () => {
  it('says what a source serves without fetching it', async () => {
    const source = await origin({ files: { '/data.txt': file } });
    const { client } = observed();
    const { sources, ...result } = await client.probe(source.url('/data.txt'));
    expect(result).toEqual({ name: 'data.txt', length: 1_000_000, ranges: true, agree: true });
    expect(sources).toMatchObject([{ volume: 0, status: 200, length: 1_000_000, ranges: true, etag: '"one"', type: 'text/plain' }]);
    expect(source.requests.map(({ method }) => method)).toEqual(['HEAD']);
    expect(source.counts.sent).toBe(0);
  });

  it.each([403, 404, 405, 501])('asks for the first byte where HEAD is refused with %i', async (status) => {
    const source = await origin({ files: { '/data.txt': file }, faults: [{ kind: 'status', status, when: { method: 'HEAD' } }] });
    const { client } = observed();
    const { length, ranges, sources } = await client.probe(source.url('/data.txt'));
    expect({ length, ranges, status: sources[0]?.status }).toEqual({ length: 1_000_000, ranges: true, status: 206 });
    expect(source.counts.sent).toBeLessThan(2);
  });

  it('shows mirrors that disagree, and one that fails beside those that answer', async () => {
    const source = await origin({ files: { '/a': file, '/b': { seed: 3, size: 999 } } });
    const { client } = observed();
    const mirrors = ['/a', '/b', '/c'].map((path) => ({ url: source.url(path) }));
    const { agree, length, sources } = await client.probe({ volumes: [mirrors] });
    expect({ agree, length }).toEqual({ agree: false, length: undefined });
    expect(sources.map((row) => row.length ?? row.error?.code)).toEqual([1_000_000, 999, 'SOURCE_REFUSED']);
  });

  it('compares what mirrors serve, and names the one that differs', async () => {
    const patches = [{ start: 999_990, end: 1_000_000, seed: 9 }];
    const source = await origin({ files: { '/a': file, '/b': file, '/c': { ...file, patches }, '/d': { ...file, seed: 4 } } });
    const { client } = observed();
    const probed = (...paths: readonly string[]) => client.probe({ volumes: [paths.map((path) => ({ url: source.url(path) }))] });
    expect((await probed('/a', '/b')).agree).toBe(true);
    const { agree, sources } = await probed('/c', '/a', '/b', '/d');
    expect(agree).toBe(false);
    expect(sources.map(({ differs }) => differs !== undefined)).toEqual([true, false, false, true]);
    expect(sources[0]?.differs).toMatch(/other bytes than .*\/a between offsets 98/);
    expect((await probed('/a', '/c')).agree).toBe(false);
    expect(source.counts.sent).toBeLessThan(1_000_000);
  });

  it('adds volumes up', async () => {
    const source = await origin({ files: { '/a': file, '/b': { seed: 3, size: 999 } } });
    const { client } = observed();
    const { agree, length } = await client.probe({ volumes: ['/a', '/b'].map((path) => [{ url: source.url(path) }]) });
    expect({ agree, length }).toEqual({ agree: true, length: 1_000_999 });
  });

  it('fails where nobody answers', async () => {
    const source = await origin({});
    const { client } = observed();
    await expect(client.probe(source.url('/x'))).rejects.toMatchObject({ code: 'SOURCE_REFUSED', status: 404 });
  });

  it('gives a source up that says nothing', async () => {
    const source = await origin({ files: { '/x': file }, faults: [{ kind: 'stall' }] });
    const { client } = observed({ settings: { connectTimeout: 50, stallTimeout: 100 } });
    await expect(client.probe(source.url('/x'))).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
  });

  it('waits no longer than a source may send nothing once it is connected, however long that may take', async () => {
    const source = await origin({ files: { '/x': file }, faults: [{ kind: 'stall' }] });
    const { client } = observed({ settings: { connectTimeout: 60_000, stallTimeout: 100 } });
    await expect(client.probe(source.url('/x'))).rejects.toMatchObject({ code: 'SOURCE_STALLED', message: 'no answer within 0.1 s' });
    expect(source.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('asks a silent source once where there is no time for another try', async () => {
    const source = await origin({ files: { '/x': file }, faults: [{ kind: 'stall' }] });
    const { client } = observed({ settings: { connectTimeout: 60_000, stallTimeout: 100, retryTimeout: 50 } });
    await expect(client.probe(source.url('/x'))).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
    expect(source.requests.map(({ method }) => method)).toEqual(['HEAD']);
  });
});
