import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { configOf, DataBench } from './bench.ts';

const size = 3_000_000;
const file: OriginFile = { size, seed: 1 };
const bytes = contentOf(1, 0, size);

const bodyOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** One origin with the file at /a.bin, and a task that reads it. */
const serving = async (
  { faults = [], cache = false }: { readonly faults?: readonly Fault[]; readonly cache?: boolean },
  look: (at: { readonly url: string; readonly origin: Origin; readonly bench: DataBench }) => Promise<void>,
): Promise<void> => {
  await using bench = await DataBench.open();
  const origin = await Origin.start({ files: { '/a.bin': file }, faults });
  try {
    const { url } = bench.task('abc', configOf({ volumes: [[origin.url('/a.bin')]], cache }));
    await look({ url, origin, bench });
  } finally {
    await origin.close();
  }
};

for (const cache of [false, true]) {
  describe(cache ? 'a cached task' : 'a task without a cache', () => {
    it('gives the whole file', async () => {
      await serving({ cache }, async ({ url }) => {
        const response = await fetch(url);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-length')).toBe(`${size}`);
        expect(same(await bodyOf(response), bytes)).toBe(true);
      });
    });

    it.each([
      ['bytes=0-0', 0, 1],
      ['bytes=0-1', 0, 2],
      ['bytes=1500000-', 1_500_000, size],
      ['bytes=-1000', size - 1000, size],
    ])('gives %s', async (range, start, end) => {
      await serving({ cache }, async ({ url }) => {
        const response = await fetch(url, { headers: { range } });
        expect(response.status).toBe(206);
        expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`);
        expect(same(await bodyOf(response), bytes.subarray(start, end))).toBe(true);
      });
    });

    it('serves forty readers at once, all over the file', async () => {
      await serving({ cache }, async ({ url, origin }) => {
        const starts = Array.from({ length: 40 }, (_, index) => index * 70_000);
        const got = await Promise.all(starts.map(async (start) => bodyOf(await fetch(url, { headers: { range: `bytes=${start}-` } }))));
        for (const [index, start] of starts.entries()) expect(same(got[index] as Buffer, bytes.subarray(start))).toBe(true);
        const sent = origin.requests.reduce((sum, exchange) => sum + exchange.sent, 0);
        expect(sent / size).toBeLessThan(1.5);
      });
    });

    it('survives drops', async () => {
      await serving({ cache, faults: [{ kind: 'drop', after: 700_000 }] }, async ({ url }) => {
        expect(same(await bodyOf(await fetch(url)), bytes)).toBe(true);
      });
    });

    it('reads through a source without ranges', async () => {
      await serving({ cache, faults: [{ kind: 'whole', accept: 'none' }] }, async ({ url }) => {
        const whole = await fetch(url);
        expect(same(await bodyOf(whole), bytes)).toBe(true);
        const part = await fetch(url, { headers: { range: 'bytes=2000000-2000099' } });
        expect(same(await bodyOf(part), bytes.subarray(2_000_000, 2_000_100))).toBe(true);
      });
    });
  });
}

describe('the cache', () => {
  it('serves what it holds without asking', async () => {
    await serving({ cache: true }, async ({ url, origin }) => {
      expect(same(await bodyOf(await fetch(url)), bytes)).toBe(true);
      const before = origin.requests.length;
      const again = await fetch(url);
      expect(again.headers.get('cache-status')).toMatch(/^hydrant; hit/);
      expect(same(await bodyOf(again), bytes)).toBe(true);
      expect(origin.requests.length).toBe(before);
    });
  });

  it('serves what it holds whole when the origin is gone', async () => {
    await using bench = await DataBench.open();
    const origin = await Origin.start({ files: { '/a.bin': file } });
    const config = configOf({ volumes: [[origin.url('/a.bin')]], cache: true });
    const { url } = bench.task('abc', config);
    await bodyOf(await fetch(url));
    await origin.close();
    const again = await fetch(url);
    expect(same(await bodyOf(again), bytes)).toBe(true);
  });

  it('is filled, and says so', async () => {
    await serving({ cache: true }, async ({ bench, origin }) => {
      const { task } = bench.task('def', configOf({ volumes: [[origin.url('/a.bin')]], cache: true }));
      await task.startFill();
      await new Promise<void>((resolve) => {
        const unwatch = bench.running.watch((event) => {
          if (event.kind !== 'fill' || task.fill?.state === 'running') return;
          unwatch();
          resolve();
        });
      });
      expect(task.fill).toMatchObject({ state: 'done', total: size, done: size });
    });
  });
});

it('an unknown task is 404 as problem+json', async () => {
  await serving({}, async ({ url }) => {
    const response = await fetch(url.replace('abc', 'nope'));
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'TASK_UNKNOWN', error: expect.stringContaining('nope') });
  });
});

it('what breaks off for good breaks the connection', async () => {
  await serving(
    {
      faults: [
        { kind: 'drop', after: 500_000, when: { first: 1 } },
        { kind: 'status', status: 404, when: { after: 1 } },
      ],
    },
    async ({ url }) => {
      const response = await fetch(url);
      expect(response.status).toBe(200);
      await expect(bodyOf(response)).rejects.toThrow();
    },
  );
});
