import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { Client } from '../../src/client/client.ts';
import { contentOf, digestOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin, told } from './stage.ts';

const size = 2_000_000;
const file = { seed: 3, size };

describe('a client', () => {
  it('refuses what it does not know, and says what was meant', async () => {
    const misspelt: object = { conections: 3 };
    expect(() => new Client({ settings: misspelt })).toThrow('there is no setting "conections" (did you mean connections?)');
    await using client = new Client();
    const options: object = { outptu: '.' };
    await expect(client.download('http://127.0.0.1:1/a', options)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: 'there is no option of a download "outptu" (did you mean output?)',
    });
  });

  it('that is closed stops what runs, and keeps what came', async () => {
    const source = await origin({ files: { '/data.bin': file }, rate: { total: 300_000 } });
    const directory = await folder();
    const { client, events } = observed();
    const running = client.download(source.url('/data.bin'), { output: directory });
    const outcome = expect(running).rejects.toMatchObject({ code: 'STOPPED' });
    await expect.poll(() => source.counts.sent).toBeGreaterThan(100_000);
    await expect.poll(() => listing(directory)).toContain('data.bin.part');
    await client.close();
    await outcome;
    expect(told(events, 'failed')).toMatchObject({ code: 'STOPPED', file: 0 });
    await expect.poll(() => source.counts.open).toBe(0);
    await expect(client.download(source.url('/data.bin'), { output: directory })).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('keeps to its limit, and to another one as soon as it is set', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client, events } = observed({ settings: { limit: 100_000 } });
    const running = client.download(source.url('/data.bin'), { output: directory });
    await expect.poll(() => events.filter(({ event }) => event === 'progress').length).toBeGreaterThan(2);
    expect(told(events, 'progress').bytes).toBeLessThan(400_000);
    expect(client.limit).toBe(100_000);
    client.limit = undefined;
    await running;
    expect(told(events, 'done').elapsed).toBeLessThan(10_000);
  });

  it('limits each file by itself where that is asked for', async () => {
    const source = await origin({ files: { '/data.bin': { seed: 3, size: 600_000 } } });
    const directory = await folder();
    const { client, events } = observed({ settings: { limitPerFile: 400_000 } });
    await Promise.all([1, 2].map((count) => client.download(`${source.url('/data.bin')}?${count}`, { output: directory })));
    for (const event of events) if (event.event === 'done') expect(event.elapsed).toBeGreaterThan(500);
  });

  it('tells only what survives JSON, and no secret', async () => {
    const source = await origin({ files: { '/data.bin': file } });
    const directory = await folder();
    const { client, events } = observed();
    const volumes = [[{ url: source.url('/data.bin?token=hush', 'me:hush') }]];
    await client.download({ volumes, checksum: `blake3:${'0'.repeat(64)}` }, { output: directory }).catch(() => undefined);
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['start', 'probe', 'lease', 'summary', 'verify', 'failed']));
    const text = JSON.stringify(events);
    expect(JSON.parse(text)).toEqual(events);
    expect(text).not.toContain('hush');
  });

  it('sends what it is told to send to every source', async () => {
    const source = await origin({ files: { '/data.bin': file }, faults: [{ kind: 'require', header: 'x-key', value: 'k' }] });
    const { client } = observed({ headers: { 'X-Key': 'k' } });
    expect(await client.probe(source.url('/data.bin'))).toMatchObject({ length: size });
    expect(await client.download(source.url('/data.bin'), { output: await folder() })).toMatchObject({ bytes: size });
  });

  it.each([
    [{ map: ['nonsense'] }, 'map'],
    [{ dns: 'udp://1.1.1.1' }, 'dns'],
    [{ cacert: '/no/such/file' }, '/no/such/file'],
    [{ ipv4: true, ipv6: true }, 'IPv4'],
    [{ interface: 'nosuch0' }, 'nosuch0'],
  ])('is refused settings that cannot be: %j', (settings, name) => {
    expect(() => new Client({ settings })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(name) }),
    );
  });

  it('takes one file from mirrors at once, and leaves the liar out where a digest decides', async () => {
    const [good, bad] = [await origin({ files: { '/x.bin': file } }), await origin({ files: { '/x.bin': { seed: 4, size } } })];
    const directory = await folder();
    const { client } = observed();
    const volumes = [[{ url: good.url('/x.bin') }, { url: good.url('/x.bin?2') }, { url: bad.url('/x.bin') }]];
    const { path, verified } = await client.download({ volumes, checksum: `sha256:${digestOf(file)}` }, { output: directory });
    expect(verified).toBe('digest');
    expect((await readFile(path)).equals(Buffer.from(contentOf(3, 0, size)))).toBe(true);
  });

  it('never lets two mirrors of one length make one file of two', async () => {
    const slow = { rate: { total: 1_000_000 } };
    const [one, two] = [
      await origin({ files: { '/x.bin': file }, ...slow }),
      await origin({ files: { '/x.bin': { seed: 4, size } }, ...slow }),
    ];
    const directory = await folder();
    const { client } = observed();
    const volumes = [[{ url: one.url('/x.bin') }, { url: two.url('/x.bin') }]];
    await expect(client.download({ volumes }, { output: directory })).rejects.toMatchObject({ code: 'SOURCES_DISAGREE', exitCode: 5 });
    expect(await listing(directory)).not.toContain('x.bin');
  });
});
