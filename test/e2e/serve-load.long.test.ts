/** How much memory the server takes of slow clients, of many, and of many tasks. */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { startOriginProcess } from '../../src/testing/remote-origin.ts';
import { Desk } from './run.ts';
import { Serving } from './serving.ts';

const mebi = 2 ** 20;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

describe('a client that reads 10 KB a second of 10 GiB', () => {
  it('costs under 150 MB of memory in a minute, and its source is left alone', async () => {
    using desk = new Desk();
    await using origin = await startOriginProcess({ files: { '/a.bin': { size: 10 * 1024 * mebi, seed: 71 } } });
    await using serving = await Serving.start(desk);
    const id = await serving.task({ url: origin.url('/a.bin'), cache: false });
    let read = 0;
    let wrong = 0;
    const asked = request(`${serving.url}stream/${id}`, { agent: new Agent() }, (response) => {
      response.on('readable', () => undefined);
      const timer = setInterval(() => {
        const part: Buffer | null = response.read(1000) ?? response.read();
        if (part === null) return;
        if (!part.equals(contentOf(71, read, read + part.length))) wrong++;
        read += part.length;
      }, 100);
      response.on('close', () => clearInterval(timer)).on('error', () => undefined);
    });
    asked.on('error', () => undefined).end();
    await delay(20_000);
    const early = (await origin.counts()).sent;
    await delay(40_000);
    const late = (await origin.counts()).sent;
    expect(read).toBeGreaterThan(300_000);
    expect(wrong).toBe(0);
    // The window, and what the kernel's buffers take.
    expect(early).toBeLessThan(100 * mebi);
    expect(late - early).toBeLessThan(4 * mebi);
    const { peak } = serving;
    asked.destroy();
    console.log(`slow client: peak ${megabytes(peak)}, ${megabytes(late)} fetched, ${megabytes(late - early)} of it in the last 40 s`);
    expect(peak).toBeLessThan(150_000_000);
    await serving.stop();
  });
});

describe('a thousand clients at once', () => {
  const size = 2 * mebi + 17;
  const right = Buffer.from(contentOf(72, 0, size));

  it.each([
    ['cold', false],
    ['cached', true],
  ])('of one %s file all get it right, by one transfer, within 400 MB', async (name, warm) => {
    using desk = new Desk();
    await using origin = await startOriginProcess({ files: { '/a.bin': { size, seed: 72 } }, rate: { total: 4 * mebi } });
    await using serving = await Serving.start(desk);
    const id = await serving.task({ url: origin.url('/a.bin'), cache: true });
    if (warm) await serving.read(id);
    let wrong = 0;
    const began = performance.now();
    const client = (): Promise<void> =>
      new Promise((resolve, reject) => {
        let offset = 0;
        request(`${serving.url}stream/${id}`, { agent: false }, (response) => {
          response.on('data', (part: Buffer) => {
            if (!part.equals(right.subarray(offset, offset + part.length))) wrong++;
            offset += part.length;
          });
          response.on('error', reject);
          response.on('end', () => (offset === size ? resolve() : reject(new Error(`ended after ${offset} bytes`))));
        })
          .on('error', reject)
          .end();
      });
    await Promise.all(Array.from({ length: 1000 }, client));
    const { sent } = await origin.counts();
    const { peak } = serving;
    console.log(
      `1000 clients, ${name}: peak ${megabytes(peak)}, ${(sent / size).toFixed(3)} × fetched, ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    expect(wrong).toBe(0);
    // What the kernel took of a request that was cut short counts as sent.
    expect(sent).toBeLessThanOrEqual(size * 1.01 + mebi / 2);
    expect(peak).toBeLessThan(400_000_000);
    await serving.stop();
  });
});

describe('ten thousand tasks', () => {
  it('are there soon, listed soon, and small', async () => {
    using desk = new Desk();
    const body = (task: number) => ({
      url: [`https://a${task % 50}.example/films/${task}.mkv`, `https://b.example/films/${task}.mkv`],
      name: `film number ${task}`,
      cache: true,
    });
    {
      await using serving = await Serving.start(desk);
      const made = await serving.ask(
        'POST api/tasks/import',
        Array.from({ length: 10_000 }, (_, task) => body(task)),
      );
      expect(made.status, JSON.stringify(made.body).slice(0, 300)).toBeLessThan(300);
      await serving.stop();
    }
    // What any start takes on this machine, as busy as it is now.
    const timed = async (place: Desk): Promise<number> => {
      const began = performance.now();
      await (await Serving.start(place)).kill();
      return performance.now() - began;
    };
    using bare = new Desk();
    const empty = Math.min(await timed(bare), await timed(bare));
    const started = Math.min(await timed(desk), await timed(desk));
    await using serving = await Serving.start(desk);
    const times: number[] = [];
    let cursor = '';
    for (let page = 0; page < 20; page++) {
      const asked = performance.now();
      const { body: found } = await serving.ask(`GET api/tasks?limit=100${cursor}`);
      times.push(performance.now() - asked);
      expect(found.tasks.length).toBe(100);
      cursor = `&cursor=${encodeURIComponent(found.next_cursor)}`;
    }
    times.sort((a, b) => a - b);
    const { peak } = serving;
    console.log(
      `10,000 tasks: start ${started.toFixed(0)} ms (${empty.toFixed(0)} ms without any), page ${times[10]?.toFixed(0)} ms (slowest ${times.at(-1)?.toFixed(0)} ms), peak ${megabytes(peak)}`,
    );
    expect(started - empty).toBeLessThan(3000);
    expect(times[10]).toBeLessThan(200);
    expect(peak).toBeLessThan(250_000_000);
    await serving.stop();
  });
});
