import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FileStore } from '../../src/store/file.ts';
import { compileInto } from './compiled.ts';
import { contentOf } from './content.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-kill-'));
  await compileInto(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const length = 40 * 1_048_576 + 12_345;
const said = () => readFileSync(join(folder, 'said'), 'utf8');

/** Starts the writer; what it says goes to a file, which a kill can't take away. */
const start = (path: string, streams: number, seed: number): ChildProcess => {
  const output = openSync(join(folder, 'said'), 'w');
  const program = join(folder, 'test/store/child/writer.js');
  const child = spawn(process.execPath, [program, path, ...[length, streams, seed].map(String)], { stdio: ['ignore', output, 'inherit'] });
  closeSync(output);
  return child;
};

/** Resolves once the writer holds `size` bytes, or has ended. */
const until = async (child: ChildProcess, size: number): Promise<void> => {
  while (child.exitCode === null && Number(said().trimEnd().split('\n').at(-1)) < size) await new Promise(setImmediate);
};

/** Everything that the journal vouches for is in the file. */
const check = async (path: string): Promise<number> => {
  const found = await FileStore.peek(path);
  if (found === undefined) return 0;
  const bytes = readFileSync(`${path}.part`);
  for (const { start, end } of found.held) {
    expect(Buffer.compare(bytes.subarray(start, end), contentOf(start, end)), `bytes ${start} to ${end}`).toBe(0);
  }
  return found.bytes;
};

describe('kill -9', () => {
  for (const streams of [1, 4]) {
    it(`with ${streams} streams costs at most 1 MiB each, never a wrong byte, and leaves nothing in the way`, async () => {
      const path = join(folder, `of ${streams}`);
      const seed = Math.floor(Math.random() * 2 ** 31);
      let safe = 0;
      let finished = false;
      for (let kill = 0; kill < 10; kill++) {
        const child = start(path, streams, seed + kill);
        const ended = once(child, 'exit');
        // The first comes when so much is held that some of it must be safe, the others whenever.
        const share = kill === 0 ? 1.25 : 1.25 * (((seed >>> kill) % 97) / 97);
        await until(child, safe + 1 + share * streams * 1_048_576);
        child.kill('SIGKILL');
        const [code] = await ended;
        finished = code === 0;
        if (finished) break;
        const held = Number(said().slice(0, said().lastIndexOf('\n')).split('\n').at(-1));
        const before = safe;
        safe = await check(path);
        expect(safe, `seed ${seed}, kill ${kill}`).toBeGreaterThanOrEqual(before);
        expect(held - safe, `seed ${seed}, kill ${kill}`).toBeLessThanOrEqual(streams * 1_048_576);
      }
      expect(safe).toBeGreaterThan(0);
      if (!finished) expect(await once(start(path, streams, seed), 'exit')).toEqual([0, null]);
      expect((await stat(path)).size).toBe(length);
      expect(Buffer.compare(readFileSync(path), contentOf(0, length))).toBe(0);
      expect(readdirSync(folder).filter((name) => name.startsWith(`of ${streams}.`))).toEqual([]);
    });
  }
});
