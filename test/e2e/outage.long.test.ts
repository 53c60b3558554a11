import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk, factOf, start } from './run.ts';

const size = 24_000_000;
const file = { size, seed: 41 };
const rate = { connection: 1_000_000, total: 4_000_000 };

const doors = ['get', 'cat', 'hs', 'hs --stream'] as const;

/** Runs the program by `door`, lets `happen` befall it when a quarter has come, and checks the bytes. */
const survive = async (
  door: (typeof doors)[number],
  happen: (origin: Origin, signal: (name: NodeJS.Signals) => void) => Promise<void>,
): Promise<{ readonly lost: number; readonly twice: number }> => {
  using desk = new Desk();
  await using origin = await Origin.start({ files: { '/a.bin': file }, rate });
  const url = origin.url('/a.bin');
  const args = {
    get: ['get', url, '-o', 'out/', '--json'],
    cat: ['cat', url, '--json'],
    hs: [url, '-o', 'out', '-nu', '--json'],
    'hs --stream': [url, '-s', '-nu', '--json'],
  }[door];
  const running = start(door.startsWith('hs') ? 'hs' : 'hydrant', args, { desk, within: 90_000 });
  await expect.poll(() => origin.counts.sent, { timeout: 20_000 }).toBeGreaterThan(size / 4);
  await happen(origin, (name) => running.kill(name));
  const ended = await running.ended;
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  const toDisk = door === 'get' || door === 'hs';
  expect(digestOf({ bytes: toDisk ? readFileSync(desk.at('out', 'a.bin')) : ended.stdout })).toBe(digestOf(file));
  return { lost: origin.counts.sent - size, twice: factOf(ended, 'summary', 'twice') };
};

describe('an outage of 15 seconds', () => {
  it.each(doors)('is survived by %s, and what was lost is no more than what was on the way', async (door) => {
    const { lost } = await survive(door, async (origin) => {
      await origin.down();
      await setTimeout(15_000);
      await origin.up();
    });
    expect(lost).toBeLessThan(8 * 2 ** 20);
  });
});

describe('a suspension of 10 seconds', () => {
  it.each(doors)('is survived by %s, and no verified byte comes twice', async (door) => {
    const { twice } = await survive(door, async (_, signal) => {
      signal('SIGSTOP');
      await setTimeout(10_000);
      signal('SIGCONT');
    });
    expect(twice).toBeLessThan(size / 100);
  });
});
