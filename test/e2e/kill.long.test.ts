import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { contentFrom, digestOf } from '../../src/testing/content.ts';
import { type RemoteOrigin, startOriginProcess } from '../../src/testing/remote-origin.ts';
import { Desk, hydrant, start } from './run.ts';

const mebi = 2 ** 20;
const kills = 100;
const connections = 4;
const file = { size: 768 * mebi, seed: 31 };

/** The same instants whenever the seed is the same. */
const instants = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Where the file at `path` is not what it must be; undefined where it is. */
const firstDifference = (path: string): number | undefined => {
  const content = contentFrom(file);
  const bytes = readFileSync(path);
  const page = new Uint8Array(mebi);
  for (let offset = 0; offset < file.size; offset += page.length) {
    content.copy(page, offset);
    if (Buffer.compare(page, bytes.subarray(offset, offset + page.length)) !== 0) return offset;
  }
  return undefined;
};

describe('kill -9 at random instants, a hundred times over one download', () => {
  it('ends in the right bytes, and brings at most 1 MiB per connection and kill twice', async () => {
    const seed = Number(process.env.HYDRANT_SEED ?? 1);
    const random = instants(seed);
    using desk = new Desk();
    await using origin: RemoteOrigin = await startOriginProcess({ files: { '/a.bin': file }, rate: { connection: 6 * mebi } });
    const args = ['get', origin.url('/a.bin'), '-o', 'out/', '-c', String(connections), '-q'];
    let during = 0;
    for (let kill = 0; kill < kills; kill++) {
      const before = (await origin.counts()).sent;
      const running = start('hydrant', args, { desk });
      // Every fifth anywhere from its very start, the others while bytes come, however long this machine takes to start.
      if (kill % 5 > 0)
        await expect.poll(async () => (await origin.counts()).sent, { interval: 10, timeout: 20_000 }).toBeGreaterThan(before);
      await setTimeout(random() * 500);
      running.kill('SIGKILL');
      const ended = await running.ended;
      expect(ended.signal, `seed ${seed}: over after ${kill} kills\n${ended.stderr}`).toBe('SIGKILL');
      expect(existsSync(desk.at('out', 'a.bin'))).toBe(false);
      await expect.poll(async () => (await origin.counts()).open, { timeout: 5000 }).toBe(0);
      if ((await origin.counts()).sent > before) during += 1;
    }
    const ended = await hydrant(args, { desk, within: 300_000 });
    expect(ended, `seed ${seed}: ${ended.stderr}`).toMatchObject({ code: 0 });
    expect(readdirSync(desk.at('out'))).toEqual(['a.bin']);
    expect(firstDifference(desk.at('out', 'a.bin')), `seed ${seed}`).toBeUndefined();
    const twice = (await origin.counts()).sent - file.size;
    console.log(
      `seed ${seed}: ${during} kills while bytes came; ${(twice / during / connections / mebi).toFixed(3)} MiB per connection and kill came twice`,
    );
    expect(during).toBeGreaterThanOrEqual((kills * 4) / 5);
    expect(twice).toBeLessThanOrEqual(during * connections * mebi);
  });

  it('ends in the right bytes from a server without ranges as well', async () => {
    const random = instants(7);
    using desk = new Desk();
    const small = { size: 6 * mebi, seed: 32 };
    await using origin = await startOriginProcess({
      files: { '/a.bin': small },
      rate: { connection: 8 * mebi },
      faults: [{ kind: 'whole', accept: 'none' }],
    });
    const args = ['get', origin.url('/a.bin'), '-o', 'out/', '-q'];
    for (let kill = 0; kill < 10; kill++) {
      const running = start('hydrant', args, { desk });
      await setTimeout(100 + random() * 700);
      running.kill('SIGKILL');
      if ((await running.ended).signal === undefined) break;
    }
    const ended = await hydrant(args, { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(small));
  });
});
