import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { startOriginProcess } from '../../src/testing/remote-origin.ts';
import { Desk, hydrant, start } from './run.ts';

const mebi = 2 ** 20;
const file = { size: 4096 * mebi, seed: 51 };

describe('4 GiB into a reader that sleeps', () => {
  it('come right within 150 MB of memory, and no more is fetched than the buffer holds', async () => {
    using desk = new Desk();
    await using origin = await startOriginProcess({ files: { '/a.bin': file } });
    const running = start('hydrant', ['cat', origin.url('/a.bin')], {
      desk,
      stdout: 'blocked',
      within: 600_000,
    });
    await setTimeout(8000);
    const asleep = (await origin.counts()).sent;
    // The window, and what the kernel's buffers of the sockets take.
    expect(asleep).toBeLessThan((64 + 16 * 8) * mebi);
    const hash = createHash('sha256');
    let read = 0;
    let slept = 0;
    running.read((part) => {
      hash.update(part);
      read += part.length;
      if (read < slept + 512 * mebi) return;
      slept = read;
      running.pause();
      globalThis.setTimeout(() => running.resume(), 1000);
    });
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(read).toBe(file.size);
    expect(hash.digest('hex')).toBe(digestOf(file));
    expect(ended.peak).toBeLessThan(150_000_000);
    console.log(`peak ${(ended.peak / 1e6).toFixed(0)} MB`);
  });
});

describe('1 GiB to disk', () => {
  it('comes within 150 MB of memory', async () => {
    using desk = new Desk();
    await using origin = await startOriginProcess({ files: { '/a.bin': { size: 1024 * mebi } } });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/', '-c', '16', '--per-origin', '16'], { desk, within: 300_000 });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.peak).toBeLessThan(150_000_000);
    console.log(`peak ${(ended.peak / 1e6).toFixed(0)} MB`);
  });
});
