/** The faults under which the ancestor was measured, each with what must come of it here. */
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk, factOf, hydrant, start } from './run.ts';
import { type Door, scenarios } from './scenario.ts';

const everyDoor: readonly Door[] = ['get', 'cat', 'hs', 'hs --stream'];
const size = 10_000_000;
const file = { size };
const rate = { rate: { connection: 4_000_000 } };

const outage = (length: number) => async (origin: Origin) => {
  await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
  await origin.down();
  await setTimeout(length);
  await origin.up();
};

const busy = (status: number, count: number, retryAfter?: number): readonly Fault[] => [
  { kind: 'status', status, when: { first: count }, ...(retryAfter === undefined ? {} : { retryAfter: { seconds: retryAfter } }) },
];

describe('what stopped the ancestor', () => {
  scenarios([
    { name: 'a plain file', file, doors: everyDoor, ends: 'right' },
    {
      name: 'a connection cut every 300 kB',
      file,
      origin: rate,
      faults: [{ kind: 'drop', after: 300_000 }],
      doors: everyDoor,
      ends: 'right',
      within: 40_000,
    },
    { name: 'a server down mid-way', file, origin: rate, doors: everyDoor, during: outage(1500), args: [], ends: 'right' },
    {
      name: 'the first two answers stall for ever',
      file,
      origin: rate,
      faults: [{ kind: 'stall', after: 100_000, when: { first: 2 } }],
      doors: everyDoor,
      ends: 'right',
    },
    { name: '429 twice with Retry-After', faults: busy(429, 2, 1), doors: everyDoor, ends: 'right' },
    { name: '429 four times without Retry-After', faults: busy(429, 4), ends: 'right', args: ['--retry-timeout', '20s'] },
    { name: '503 four times', faults: busy(503, 4), ends: 'right', args: ['--retry-timeout', '20s'] },
    {
      name: '500 three times on HEAD',
      faults: [{ kind: 'status', status: 500, when: { method: 'HEAD', first: 3 } }],
      strikes: 'never',
      doors: ['get', 'hs --stream'],
      ends: 'right',
    },
    { name: '500 three times', faults: busy(500, 3), ends: 'right', args: ['--retry-timeout', '20s'] },
    {
      name: '404 on HEAD',
      faults: [{ kind: 'status', status: 404, when: { method: 'HEAD' } }],
      strikes: 'never',
      doors: ['get', 'hs --stream'],
      ends: 'right',
    },
    {
      name: '405 on HEAD',
      faults: [{ kind: 'status', status: 405, when: { method: 'HEAD' } }],
      strikes: 'never',
      doors: ['get', 'hs --stream'],
      ends: 'right',
    },
    { name: '403 on GET', faults: [{ kind: 'status', status: 403 }], doors: everyDoor, ends: { code: 4, says: /403/ } },
    { name: '404 on GET', faults: [{ kind: 'status', status: 404 }], doors: everyDoor, ends: { code: 4, says: /404/ } },
    {
      name: 'no Accept-Ranges and no ranges',
      file,
      origin: rate,
      faults: [{ kind: 'whole', accept: 'none' }],
      doors: everyDoor,
      ends: 'right',
    },
    {
      name: 'a drop on a server without ranges',
      file,
      origin: rate,
      faults: [
        { kind: 'whole', accept: 'none' },
        { kind: 'drop', after: 4_000_000, when: { first: 1 } },
      ],
      doors: everyDoor,
      ends: 'right',
    },
    { name: 'ranges advertised and ignored', file, origin: rate, faults: [{ kind: 'whole' }], doors: everyDoor, ends: 'right' },
    {
      name: 'no Content-Length',
      faults: [
        { kind: 'whole', accept: 'none' },
        { kind: 'framing', as: 'chunked' },
      ],
      doors: everyDoor,
      ends: 'right',
    },
    {
      name: 'an end told by the connection only',
      faults: [
        { kind: 'whole', accept: 'none' },
        { kind: 'framing', as: 'close' },
      ],
      doors: everyDoor,
      ends: 'right',
    },
    { name: 'an empty file', file: { size: 0 }, doors: everyDoor, ends: 'right' },
    {
      name: 'an empty file of a server without ranges',
      file: { size: 0 },
      faults: [{ kind: 'whole' }],
      doors: ['get', 'cat'],
      ends: 'right',
    },
    {
      name: 'an empty file without a length',
      file: { size: 0 },
      faults: [{ kind: 'whole' }, { kind: 'framing', as: 'chunked' }],
      doors: ['get', 'cat'],
      ends: 'right',
    },
  ]);
});

describe('a suspended program', () => {
  scenarios([
    {
      name: 'goes on where it was',
      file,
      origin: { rate: { connection: 2_000_000 } },
      doors: everyDoor,
      args: ['--json'],
      ends: 'right',
      during: async (origin, running) => {
        await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
        running.kill('SIGSTOP');
        await setTimeout(1500);
        running.kill('SIGCONT');
      },
      asked: (_, ended) => expect(factOf(ended, 'summary', 'twice')).toBeLessThan(size / 100),
    },
  ]);
});

describe('a checksum that is not the file’s', () => {
  const wrong = `sha256:${'0'.repeat(64)}`;

  it('fails a download, which leaves nothing under its name', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/', '--checksum', wrong], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 3 });
    expect(ended.stderr).toMatch(/digest|checksum/i);
    expect(ended.stderr).toContain('a.bin');
    expect(readdirSync(desk.at('out'))).not.toContain('a.bin');
  });

  it('fails a stream, whose bytes are out', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['cat', origin.url('/a.bin'), '--checksum', wrong], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 3 });
    expect(ended.stderr).toMatch(/digest|checksum/i);
    expect(digestOf({ bytes: ended.stdout })).toBe(digestOf(file));
  });
});

describe('a reader of stdout', () => {
  it('who closes the pipe ends the program quietly', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { size: 2 ** 30 } } });
    const running = start('hydrant', ['cat', origin.url('/a.bin')], { desk, stdout: 'blocked' });
    await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    running.leave();
    const ended = await running.ended;
    expect([ended.code, ended.signal]).toEqual([141, undefined]);
    expect(ended.stderr).not.toMatch(/EPIPE|^\s+at /m);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('who reads nothing does not keep %s from ending it within a second', async (signal, code) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { size: 2 ** 30 } } });
    const running = start('hydrant', ['cat', origin.url('/a.bin')], { desk, stdout: 'blocked' });
    await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(4_000_000);
    const asked = performance.now();
    running.kill(signal);
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code });
    expect(performance.now() - asked).toBeLessThan(1000);
  });
});

describe('a source that cannot be reached', () => {
  it.each([
    ['refuses connections', 'http://127.0.0.1:1/a.bin', /refused/i, '127.0.0.1:1'],
    ['has no address', 'http://nowhere.invalid/a.bin', /no such host|name server/i, 'nowhere.invalid'],
  ])('because it %s is given up in time, by name', async (_, url, says, source) => {
    using desk = new Desk();
    for (const args of [
      ['get', url, '-o', 'out/'],
      ['cat', url],
    ]) {
      const ended = await hydrant([...args, '--retry-timeout', '1s'], { desk, within: 15_000 });
      expect(ended, ended.stderr).toMatchObject({ code: 4 });
      expect(ended.stderr).toMatch(says);
      expect(ended.stderr).toContain(source);
    }
  });
});

describe('two files on stdout', () => {
  it('come in the order of the arguments, however slow the first one is', async () => {
    using desk = new Desk();
    const files = { '/a.bin': { size: 400_000, seed: 1 }, '/b.bin': { size: 300_000, seed: 2 } };
    const faults: Fault[] = [{ kind: 'stall', for: 500, when: { path: '/a.bin' } }];
    await using origin = await Origin.start({ files, faults });
    const ended = await hydrant(['cat', origin.url('/a.bin'), origin.url('/b.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: ended.stdout.subarray(0, 400_000) })).toBe(digestOf(files['/a.bin']));
    expect(digestOf({ bytes: ended.stdout.subarray(400_000) })).toBe(digestOf(files['/b.bin']));
  });
});
