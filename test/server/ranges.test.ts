import { createCipheriv } from 'node:crypto';
import { Agent } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TaskConfig } from '../../src/server/task-config.ts';
import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { type Answer, ask } from './asking.ts';
import { configOf, DataBench } from './bench.ts';
import { type Described, type Due, dueOf, fieldsOf, type Pair, partsOf, type Wish, wishes } from './ranges-model.ts';

const size = 2_500_017;
const plain = Buffer.from(contentOf(5, 0, size));
const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' + '000000090000004a00000000';
const plugins = [{ id: 'chacha20', enabled: true, config: { secret } }];
/** `plain` as a source of an encrypted file has it: the block counter is the first word of the IV. */
const ciphered = (() => {
  const iv = Buffer.concat([Buffer.alloc(4), Buffer.from(secret.slice(64), 'hex')]);
  return createCipheriv('chacha20', Buffer.from(secret.slice(0, 64), 'hex'), iv).update(plain);
})();
/** Volumes that end nowhere near a block of anything. */
const cuts = [0, 700_001, 700_064, 1_900_003, size];

interface Kind {
  readonly name: string;
  readonly files: Readonly<Record<string, OriginFile>>;
  readonly config: Partial<TaskConfig>;
}

const one = (file: Partial<OriginFile>): Kind['files'] => ({ '/a.bin': { bytes: plain, type: 'video/mp4', ...file } });
const encrypted = Object.fromEntries(
  cuts
    .slice(1)
    .map((end, index): [string, OriginFile] => [
      `/a.bin.part${index + 1}.enc`,
      { bytes: ciphered.subarray(cuts[index], end), seed: index + 1 },
    ]),
);

const kinds: readonly Kind[] = [
  { name: 'a file', files: one({}), config: {} },
  { name: 'a cached file', files: one({}), config: { cache: true } },
  { name: 'a cached file with a weak tag', files: one({ etag: 'W/"v1"' }), config: { cache: true } },
  { name: 'a cached file with a date alone', files: one({ etag: null }), config: { cache: true } },
  { name: 'a file without validators', files: one({ etag: null, lastModified: null }), config: {} },
  {
    name: 'an encrypted file in volumes',
    files: encrypted,
    config: { plugins, name: 'a.mp4', auto_filename: false, output_filename: 'a.mp4' },
  },
  {
    name: 'a cached encrypted file in volumes',
    files: encrypted,
    config: { cache: true, plugins, output_filename: 'a.mp4', auto_filename: false },
  },
];

/** What two answers may differ in: when, how, and what is drawn at random. */
const comparable = ({ status, headers }: Answer): unknown => {
  const { date: _date, 'server-timing': _timing, 'cache-status': _use, connection: _connection, 'keep-alive': _keep, ...rest } = headers;
  return { status, ...rest, 'content-type': rest['content-type']?.replace(/boundary=\w+/, 'boundary=') };
};

const sorted = (pairs: readonly Pair[]): readonly Pair[] => [...pairs].sort((a, b) => a[0] - b[0]);

/** Holds what was sent against what was asked for: all of it, no byte twice, nothing else but what lies in small gaps, in its order. */
const expectCovers = (sent: readonly Pair[], asked: readonly Pair[]): void => {
  for (const [first, last] of asked) expect(sent.some(([from, to]) => from <= first && last <= to)).toBe(true);
  const inOrder = sorted(sent);
  for (const [index, [first]] of inOrder.entries()) if (index > 0) expect(first - (inOrder[index - 1] as Pair)[1]).toBeGreaterThan(81);
  for (const [first, last] of sent) {
    let reached = first - 1;
    for (const [from, to] of sorted(asked)) {
      if (to < first || from > last) continue;
      expect(from - reached - 1).toBeLessThanOrEqual(reached < first ? 0 : 80);
      reached = Math.max(reached, to);
    }
    expect(reached).toBe(last);
  }
  const turn = ([from, to]: Pair): number => asked.findIndex(([first]) => first >= from && first <= to);
  expect(sent.map(turn)).toEqual(sent.map(turn).sort((a, b) => a - b));
};

const expectDue = (answer: Answer, due: Due, file: Described): void => {
  const { status, headers, body } = answer;
  expect(status).toBe(due.status);
  expect(headers['content-length'] === undefined ? 0 : Number(headers['content-length'])).toBe(body.length);
  expect(headers.etag).toBe(file.etag);
  expect(headers['last-modified']).toBe(file.lastModified);
  if (due.status === 200) {
    expect(headers['content-range']).toBeUndefined();
    expect(body.equals(plain)).toBe(true);
  } else if (due.status === 416) expect(headers['content-range']).toBe(`bytes */${size}`);
  else if (due.status === 206) {
    const whole = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
    if (whole !== null) {
      const pair: Pair = [Number(whole[1]), Number(whole[2])];
      expect(Number(whole[3])).toBe(size);
      expectCovers([pair], due.asked);
      expect(body.equals(plain.subarray(pair[0], pair[1] + 1))).toBe(true);
      return;
    }
    const parts = partsOf(headers['content-type'] ?? '', body);
    expect(parts.length).toBeGreaterThan(1);
    expectCovers(
      parts.map(({ pair }) => pair),
      due.asked,
    );
    for (const { type, pair, length, bytes } of parts) {
      expect([type, length]).toEqual(['video/mp4', size]);
      expect(bytes.equals(plain.subarray(pair[0], pair[1] + 1))).toBe(true);
    }
  }
};

describe.each(kinds)('$name', ({ files, config }) => {
  it('is served as RFC 9110 says, whatever of it is stored', async () => {
    await using bench = await DataBench.open();
    await using origin = await Origin.start({ files });
    const volumes = Object.keys(files).map((path) => [origin.url(path)]);
    const { url, task } = bench.task('abc', configOf({ volumes, ...config }));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await ask(url);
    const file: Described = { length: size, etag: first.headers.etag, lastModified: first.headers['last-modified'] };
    const given = files['/a.bin'];
    if (given !== undefined) {
      if (given.etag !== undefined) expect(file.etag).toBe(given.etag ?? undefined);
      expect(file.lastModified === undefined).toBe(given.lastModified === null);
    } else expect(file.etag).toMatch(/^"filtered-/);
    /** What is done to the cache before: nothing, all of it forgotten, and then some of it read. */
    const before = fc.oneof(fc.constant(undefined), fc.array(fc.tuple(fc.nat(size - 1), fc.nat(400_000)), { maxLength: 2 }));
    try {
      await fc.assert(
        fc.asyncProperty(wishes(size), before, async (wish: Wish, prepared) => {
          if (prepared !== undefined) {
            await task.clearCache();
            for (const [start, more] of prepared) await ask(url, { agent, headers: { range: `bytes=${start}-${start + more}` } });
          }
          const headers = fieldsOf(wish, file);
          const due = dueOf(wish, file);
          const got = await ask(url, { agent, headers });
          expectDue(got, due, file);
          const head = await ask(url, { agent, headers, method: 'HEAD' });
          expect(head.body.length).toBe(0);
          expect(comparable(head)).toEqual(comparable(got));
        }),
        { numRuns: 120 },
      );
    } finally {
      agent.destroy();
    }
  });

  it('is described the same by whatever request is the first', async () => {
    await using origin = await Origin.start({ files });
    const firsts = [{}, { range: 'bytes=-5' }, { range: 'bytes=1000000-1000004' }, { range: `bytes=${size + 5}-` }];
    const seen = [];
    for (const headers of firsts) {
      await using bench = await DataBench.open();
      const volumes = Object.keys(files).map((path) => [origin.url(path)]);
      const { url } = bench.task('abc', configOf({ volumes, ...config }));
      const first = await ask(url, { headers });
      expect([first.status, 'range' in headers]).toEqual([
        headers.range === `bytes=${size + 5}-` ? 416 : 'range' in headers ? 206 : 200,
        'range' in headers,
      ]);
      seen.push([first.headers.etag, comparable(await ask(url, { method: 'HEAD' }))]);
    }
    for (const one of seen) expect(one).toEqual(seen[0]);
  });
});
