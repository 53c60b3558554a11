import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { Desk, hydrant, start } from './run.ts';

const file: OriginFile = { size: 8_000_000, seed: 6 };
const rate = { rate: { connection: 2_000_000 } };

/** Starts a download, and ends it with `signal` once `bytes` have been sent and the journal had time to be written. */
const interrupt = async (origin: Origin, desk: Desk, signal: NodeJS.Signals, bytes = 3_000_000): Promise<number | undefined> => {
  const running = start('hydrant', ['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
  await expect.poll(() => origin.counts.sent, { timeout: 15_000, interval: 20 }).toBeGreaterThan(bytes);
  running.kill(signal);
  const asked = performance.now();
  const { code } = await running.ended;
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(existsSync(desk.at('out', 'a.bin'))).toBe(false);
  return code;
};

const expectWhole = (desk: Desk, expected: OriginFile): void => {
  expect(readdirSync(desk.at('out'))).toEqual(['a.bin']);
  expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(expected));
};

describe('a download that was ended', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', undefined],
  ] as const)('by %s goes on where it was', async (signal, code) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    expect(await interrupt(origin, desk, signal)).toBe(code);
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expectWhole(desk, file);
    expect(origin.counts.sent).toBeLessThan((file.size ?? 0) + 4_000_000);
  });

  it('begins anew with --no-continue', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    await interrupt(origin, desk, 'SIGINT');
    const before = origin.counts.sent;
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/', '--no-continue'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expectWhole(desk, file);
    expect(origin.counts.sent - before).toBeGreaterThanOrEqual(file.size ?? 0);
  });

  it.each<[string, OriginFile]>([
    ['other bytes', { size: 8_000_000, seed: 7 }],
    ['another length', { size: 8_500_000, seed: 6 }],
    ['a shorter one', { size: 1_000_000, seed: 8 }],
    ['an empty one', { size: 0, seed: 8 }],
  ])('is no mix where the file changed meanwhile: %s', async (_, changed) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    await interrupt(origin, desk, 'SIGINT');
    origin.change('/a.bin', changed);
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    if (ended.code === 0) expectWhole(desk, changed);
    else {
      expect(ended, ended.stderr).toMatchObject({ code: 5 });
      expect(ended.stderr).toMatch(/chang/i);
      expect(existsSync(desk.at('out', 'a.bin'))).toBe(false);
    }
  });

  it('is no mix where the file changed meanwhile and has no validator', async () => {
    using desk = new Desk();
    const bare = { etag: null, lastModified: null };
    await using origin = await Origin.start({ files: { '/a.bin': { ...file, ...bare } }, ...rate });
    await interrupt(origin, desk, 'SIGINT');
    origin.change('/a.bin', { seed: 7 });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    if (ended.code === 0) expectWhole(desk, { ...file, seed: 7 });
    else expect(ended, ended.stderr).toMatchObject({ code: 5 });
  });

  it('goes on from another mirror', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    await interrupt(origin, desk, 'SIGINT');
    await using mirror = await Origin.start({ files: { '/a.bin': { ...file, etag: '"elsewhere"' } }, ...rate });
    const ended = await hydrant(['get', mirror.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expectWhole(desk, file);
  });

  it.each([
    ['is empty', ''],
    ['is cut', '{"version":1,"le'],
    ['is something else', '[1, 2, 3]'],
    ['is of the future', '{"version":999}'],
  ])('is right where its journal %s', async (_, text) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    await interrupt(origin, desk, 'SIGKILL');
    const journals = readdirSync(desk.at('out')).filter((name) => name.endsWith('.json'));
    expect(journals).toHaveLength(1);
    for (const journal of journals) writeFileSync(desk.at('out', journal), text);
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expectWhole(desk, file);
  });

  it('is not continued by two programs at once', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, ...rate });
    const first = start('hydrant', ['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    await expect.poll(() => origin.counts.sent, { timeout: 10_000, interval: 20 }).toBeGreaterThan(1_000_000);
    const second = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    const ended = await first.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
    if (second.code !== 0) expect(second.stderr).toMatch(/another|already|use/i);
    await setTimeout(0);
  });
});
