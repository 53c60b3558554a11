/** What comes of sources that are not as they should be, for who reads a task of them. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { ask } from './asking.ts';
import { configOf, DataBench } from './bench.ts';

const size = 2_000_003;
const bytes = Buffer.from(contentOf(3, 0, size));
const file: OriginFile = { size, seed: 3, type: 'video/mp4' };

interface Given {
  readonly faults?: readonly Fault[];
  readonly content?: OriginFile;
  readonly retryTimeout?: number;
  /** Bytes per second of the source. */
  readonly rate?: number;
}

interface Place {
  readonly url: string;
  readonly origin: Origin;
  readonly bench: DataBench;
}

for (const cache of [false, true]) {
  const at = async (
    { faults = [], content = file, retryTimeout = 4_000, rate }: Given,
    look: (place: Place) => Promise<void>,
  ): Promise<void> => {
    await using bench = await DataBench.open(retryTimeout);
    await using origin = await Origin.start({ files: { '/a.mp4': content }, faults, ...(rate !== undefined && { rate: { total: rate } }) });
    const { url } = bench.task('abc', configOf({ volumes: [[origin.url('/a.mp4')]], cache }));
    await look({ url, origin, bench });
  };

  describe(`a task ${cache ? 'with' : 'without'} a cache, of a source`, () => {
    it.each<[string, readonly Fault[]]>([
      ['without ranges', [{ kind: 'whole', accept: 'none' }]],
      ['that advertises ranges and serves none', [{ kind: 'whole' }]],
      [
        'without ranges, and with drops',
        [
          { kind: 'whole', accept: 'none' },
          { kind: 'drop', after: 900_000, when: { first: 2 } },
        ],
      ],
    ])('%s, is read whole and in ranges', async (_, faults) => {
      await at({ faults }, async ({ url }) => {
        const whole = await ask(url);
        expect([whole.status, whole.headers['content-length']]).toEqual([200, `${size}`]);
        expect(whole.body.equals(bytes)).toBe(true);
        const part = await ask(url, { headers: { range: 'bytes=1500000-1500099' } });
        expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 1500000-1500099/${size}`]);
        expect(part.body.equals(bytes.subarray(1_500_000, 1_500_100))).toBe(true);
        const back = await ask(url, { headers: { range: 'bytes=10-19' } });
        expect(back.body.equals(bytes.subarray(10, 20))).toBe(true);
      });
    });

    it.each<'chunked' | 'close'>(['chunked', 'close'])('without a length (%s), is read to its end, again and again', async (as) => {
      await at(
        {
          faults: [
            { kind: 'whole', accept: 'none' },
            { kind: 'framing', as },
          ],
        },
        async ({ url }) => {
          const answers = await Promise.all([ask(url), ask(url), ask(url, { headers: { range: 'bytes=5-9' } })]);
          for (const { status, body } of answers.slice(0, 2)) {
            expect(status).toBe(200);
            expect(body.equals(bytes)).toBe(true);
          }
          const [, , part] = answers;
          if (part?.status === 206) expect(part.body.equals(bytes.subarray(5, 10))).toBe(true);
          else expect(part?.body.equals(bytes)).toBe(true);
          expect((await ask(url)).body.equals(bytes)).toBe(true);
        },
      );
    });

    it('without a length that breaks off, breaks off too, or gives all', async () => {
      const faults: readonly Fault[] = [
        { kind: 'whole', accept: 'none' },
        { kind: 'framing', as: 'chunked' },
        { kind: 'drop', after: 700_000 },
      ];
      await at({ faults, retryTimeout: 500 }, async ({ url }) => {
        await expect(ask(url)).rejects.toThrow();
      });
    });

    it('of an empty file, is empty', async () => {
      await at({ content: { bytes: new Uint8Array(0) } }, async ({ url }) => {
        for (const [headers, status] of [
          [{}, 200],
          [{ range: 'bytes=0-' }, 416],
          [{ range: 'bytes=-5' }, 200],
          [{ range: 'bytes=5-' }, 416],
        ] as const) {
          const got = await ask(url, { headers });
          expect([headers, got.status]).toEqual([headers, status]);
          if (status === 200) expect([got.headers['content-length'], got.body.length]).toEqual(['0', 0]);
          else expect(got.headers['content-range']).toBe('bytes */0');
        }
        expect((await ask(url, { method: 'HEAD' })).headers['content-length']).toBe('0');
      });
    });

    it.each([
      [404, 502, 'SOURCE_REFUSED'],
      [403, 502, 'SOURCE_REFUSED'],
      [401, 502, 'SOURCE_REFUSED'],
      [410, 502, 'SOURCE_REFUSED'],
      [416, 502, 'SOURCE_REFUSED'],
      [500, 502, 'SOURCE_REFUSED'],
      [502, 502, 'SOURCE_REFUSED'],
      [503, 503, 'SOURCE_BUSY'],
      [429, 503, 'SOURCE_BUSY'],
    ])('that answers %i, is a %i as problem+json, and well as soon as the source is', async (status, due, code) => {
      await at({ faults: [{ kind: 'status', status }], retryTimeout: 500 }, async ({ url, origin }) => {
        for (const method of ['GET', 'HEAD'] as const) {
          const got = await ask(url, { method });
          expect([got.status, got.headers['content-type']]).toEqual([due, 'application/problem+json']);
          if (method === 'GET')
            expect(JSON.parse(got.body.toString())).toMatchObject({ code, status: due, error: expect.stringMatching(/source|answer/) });
          if (due === 503) expect(Number(got.headers['retry-after'])).toBeGreaterThan(0);
          for (const field of ['etag', 'content-range', 'accept-ranges', 'x-hydraria-task']) expect(got.headers[field]).toBeUndefined();
        }
        origin.misbehave([]);
        expect((await ask(url)).body.equals(bytes)).toBe(true);
      });
    });

    it('that refuses what lies past its end without a word, says where that is', async () => {
      await at({ faults: [{ kind: 'status', status: 416, when: { first: 1 } }] }, async ({ url }) => {
        const got = await ask(url, { headers: { range: `bytes=${size + 1}-` } });
        expect([got.status, got.headers['content-range'], got.headers.etag]).toEqual([416, `bytes */${size}`, expect.any(String)]);
        expect((await ask(url)).body.equals(bytes)).toBe(true);
      });
    });

    it('that leads elsewhere, is followed', async () => {
      const faults: readonly Fault[] = [{ kind: 'redirect', to: '/b.mp4', when: { path: '/a.mp4' } }];
      await at({ faults }, async ({ url, origin }) => {
        origin.change('/b.mp4', file);
        expect((await ask(url)).body.equals(bytes)).toBe(true);
        expect((await ask(url, { headers: { range: 'bytes=77-99' } })).body.equals(bytes.subarray(77, 100))).toBe(true);
      });
    });

    it('that leads nowhere but in a circle, is a 502', async () => {
      await at({ faults: [{ kind: 'redirect', to: '/a.mp4' }] }, async ({ url }) => {
        expect((await ask(url)).status).toBe(502);
      });
    });

    it('that zips uninvited, is a 502: what is zipped is not the file', async () => {
      await at({ faults: [{ kind: 'gzip' }], retryTimeout: 500 }, async ({ url }) => {
        expect((await ask(url)).status).toBe(502);
      });
    });

    it('whose HEAD lies, is believed by what it sends', async () => {
      await at(
        {
          faults: [
            { kind: 'length', by: 4_000, when: { method: 'HEAD' } },
            { kind: 'headers', set: { ETag: '"lie"' }, when: { method: 'HEAD' } },
          ],
        },
        async ({ url }) => {
          const head = await ask(url, { method: 'HEAD' });
          const whole = await ask(url);
          expect(head.headers['content-length']).toBe(`${size}`);
          expect(head.headers.etag).toBe(whole.headers.etag);
          expect(whole.body.equals(bytes)).toBe(true);
        },
      );
    });

    it('whose file is another one later, gives the new one to who comes later', async () => {
      await at({ faults: [{ kind: 'headers', set: { 'Cache-Control': 'max-age=0' } }] }, async ({ url, origin }) => {
        const first = await ask(url);
        expect(first.body.equals(bytes)).toBe(true);
        origin.change('/a.mp4', { seed: 4 });
        const part = await ask(url, { headers: { range: 'bytes=1000000-1999999', 'if-range': first.headers.etag ?? '' } });
        expect(part.status).toBe(200);
        expect(part.headers.etag).not.toBe(first.headers.etag);
        expect(part.body.equals(contentOf(4, 0, size))).toBe(true);
        expect((await ask(url)).body.equals(contentOf(4, 0, size))).toBe(true);
      });
    });

    it('whose file becomes another one while it is read, breaks rather than mixes', async () => {
      const long: OriginFile = { size: 60_000_000, seed: 8 };
      await at({ content: long, rate: 40_000_000 }, async ({ url, origin }) => {
        const got = await new Promise<{ readonly body: Buffer; readonly whole: boolean }>((resolve, reject) => {
          const parts: Buffer[] = [];
          const asked = request(url, (response) => {
            response.once('data', () => {
              origin.change('/a.mp4', { seed: 9 });
            });
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('close', () => resolve({ body: Buffer.concat(parts), whole: response.complete }));
            response.on('error', () => undefined);
          });
          // A reset may be told of here, the answer having begun.
          asked.on('error', (error) => parts.length === 0 && reject(error)).end();
        });
        expect(got.body.equals(contentOf(8, 0, got.body.length))).toBe(true);
        expect([got.whole, got.body.length < 60_000_000]).toEqual([false, true]);
        const again = await ask(url);
        expect(again.body.equals(contentOf(9, 0, 60_000_000))).toBe(true);
      });
    });
  });
}
