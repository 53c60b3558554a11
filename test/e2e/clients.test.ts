/** What people fetch and play with, through the links of the built server. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import type { OriginFile } from '../../src/testing/origin-file.ts';
import { needs } from './needs.ts';
import { Desk } from './run.ts';
import { Serving } from './serving.ts';
import { linkOf, makeFilm, tool } from './tool.ts';

const file = { size: 6_000_001, seed: 31, type: 'video/mp4' };
const bytes = Buffer.from(contentOf(file.seed, 0, file.size));
const rate = { connection: 3_000_000 };
/** Every other answer breaks off. */
const flaky: readonly Fault[] = [{ kind: 'drop', after: 150_000, when: { every: 2 } }];

const digest = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const kept = (desk: Desk, name: string): string => digest(readFileSync(desk.at(name)));

interface Scene {
  readonly desk: Desk;
  /** Makes a task of a file at a source of its own. */
  task(config: object, faults: readonly Fault[], content?: OriginFile): Promise<{ readonly link: string; readonly origin: Origin }>;
}

/** A desk and a server. */
const scene = async (act: (scene: Scene) => Promise<void>): Promise<void> => {
  using desk = new Desk();
  const origins: Origin[] = [];
  const serving = await Serving.start(desk);
  const task: Scene['task'] = async (config, faults, content = file) => {
    const origin = await Origin.start({ files: { '/film.mp4': content }, rate, faults });
    origins.push(origin);
    return { link: await linkOf(serving, { url: origin.url('/film.mp4'), ...config }), origin };
  };
  try {
    await act({ desk, task });
    await serving.stop();
  } finally {
    serving.running.kill('SIGKILL');
    for (const origin of origins) await origin.close();
  }
};

const tasks: readonly (readonly [string, object, readonly Fault[]])[] = [
  ['without a cache', {}, []],
  ['with a cache', { cache: true }, []],
  ['with a cache, from a flaky source', { cache: true }, flaky],
];

/** Programs that fetch a whole file: a name, and the arguments that do. */
const fetchers: readonly [string, (link: string, name: string) => readonly string[]][] = [
  ['curl', (link, name) => ['-sSf', '-o', name, link]],
  ['wget', (link, name) => ['-q', '-O', name, link]],
  ['wget2', (link, name) => ['-q', '-O', name, link]],
  ['aria2c', (link, name) => ['-q', '-x16', '-s16', '-k1M', '--allow-overwrite=true', '-o', name, link]],
  ['axel', (link, name) => ['-q', '-n', '8', '-o', name, link]],
];

for (const [program, args] of fetchers) {
  needs(program)(program, () => {
    it('gets the right bytes, cold and warm', async () => {
      await scene(async ({ desk, task }) => {
        for (const [name, config, faults] of tasks) {
          const { link, origin } = await task(config, faults);
          await tool(desk, program, args(link, `${name} 1`));
          expect(kept(desk, `${name} 1`), name).toBe(digest(bytes));
          if (faults.length === 0) expect(origin.counts.sent / file.size, name).toBeLessThan(1.3);
          const before = origin.requests.length;
          await tool(desk, program, args(link, `${name} 2`));
          expect(kept(desk, `${name} 2`), name).toBe(digest(bytes));
          if ('cache' in config) expect(origin.requests.length, name).toBe(before);
        }
      });
    });
  });
}

/** Programs that go on with the start of a file. */
const resumers: readonly [string, (link: string, name: string) => readonly string[]][] = [
  ['curl', (link, name) => ['-sSf', '-C', '-', '-o', name, link]],
  ['wget', (link, name) => ['-q', '-c', '-O', name, link]],
  ['wget2', (link, name) => ['-q', '-c', '-O', name, link]],
  ['aria2c', (link, name) => ['-q', '-c', '-o', name, link]],
];

for (const [program, args] of resumers) {
  needs(program)(`${program}, where a file was begun`, () => {
    it('gets the rest', async () => {
      await scene(async ({ desk, task }) => {
        for (const [name, config, faults] of tasks) {
          const { link } = await task(config, faults);
          writeFileSync(desk.at(name), bytes.subarray(0, 3_500_000));
          await tool(desk, program, args(link, name));
          expect(kept(desk, name), name).toBe(digest(bytes));
        }
      });
    });
  });
}

needs('curl')('curl', () => {
  it('gets the ranges it asks for', async () => {
    await scene(async ({ desk, task }) => {
      for (const [name, config, faults] of tasks) {
        const { link } = await task(config, faults);
        for (const [range, start, end] of [
          ['0-0', 0, 1],
          ['4999990-5100000', 4_999_990, 5_100_001],
          ['5999000-', 5_999_000, file.size],
          ['-70000', file.size - 70_000, file.size],
        ] as const) {
          await tool(desk, 'curl', ['-sSf', '-r', range, '-o', 'part.bin', link]);
          expect(kept(desk, 'part.bin'), `${name}: ${range}`).toBe(digest(bytes.subarray(start, end)));
        }
      }
    });
  });

  it('is told by HEAD what GET would say', async () => {
    await scene(async ({ desk, task }) => {
      const { link } = await task({ cache: true }, []);
      const fields = async (args: readonly string[]): Promise<readonly string[]> => {
        const { stdout } = await tool(desk, 'curl', ['-sS', '-D', '-', '-o', '/dev/null', ...args, link]);
        return stdout
          .toString()
          .split('\r\n')
          .filter((line) => /^(?:HTTP|content-|etag|last-modified|accept-ranges)/i.test(line))
          .sort();
      };
      for (const args of [[], ['-r', '5-9'], ['-r', '7000000-'], ['-H', 'If-None-Match: *']]) {
        const head = await fields(['-I', ...args]);
        expect(head).toEqual(await fields(args));
        expect(head.length).toBeGreaterThan(3);
      }
    });
  });
});

needs('ffmpeg')('ffmpeg, in a film whose index is at its end', () => {
  const cut = ['-frames:v', '3', '-map', '0:v', '-f', 'framemd5', '-'];

  it('finds out what it is, and seeks to the same frames as in the file', async () => {
    await scene(async ({ desk, task }) => {
      await makeFilm(desk, 'film.mp4', 30);
      const film = readFileSync(desk.at('film.mp4'));
      expect(film.indexOf('moov')).toBeGreaterThan(film.length * 0.9);
      const about = async (from: string): Promise<unknown> => {
        const fields = ['-show_entries', 'format=duration,size:stream=codec_name', '-of', 'json'];
        return JSON.parse((await tool(desk, 'ffprobe', ['-v', 'error', ...fields, from])).stdout.toString());
      };
      const frames = async (from: string, second: string): Promise<string> =>
        (await tool(desk, 'ffmpeg', ['-v', 'error', '-xerror', '-ss', second, '-i', from, ...cut])).stdout.toString();
      for (const [name, config, faults] of tasks) {
        const { link } = await task(config, faults, { bytes: film, type: 'video/mp4' });
        expect(await about(link), name).toEqual(await about('film.mp4'));
        for (const second of ['25', '3', '14.5']) {
          const streamed = await frames(link, second);
          expect(streamed, name).toMatch(/^0, +\d/m);
          expect(streamed, name).toBe(await frames('film.mp4', second));
        }
      }
    });
  });
});
