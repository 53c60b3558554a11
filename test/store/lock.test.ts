import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { lock } from '../../src/store/lock.ts';
import { processName } from '../../src/store/machine.ts';
import { compileInto } from './compiled.ts';

let folder: string;
let locks: string;
let count = 0;
const somewhere = () => join(locks, `${count++}.lock`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-program-'));
  locks = await mkdtemp(join(tmpdir(), 'hydrant-lock-'));
  await compileInto(folder);
});
afterAll(() => Promise.all([rm(folder, { recursive: true }), rm(locks, { recursive: true })]));

const taken = async (path: string): Promise<() => Promise<void>> => {
  const unlock = await lock(path);
  if (typeof unlock !== 'function') throw new Error(`held by ${unlock.pid}`);
  return unlock;
};
const program = () => join(folder, 'test/store/child/locker.js');
const start = (path: string): ChildProcessByStdio<Writable, Readable, null> =>
  spawn(process.execPath, [program(), path], { stdio: ['pipe', 'pipe', 'inherit'] });
const firstLine = async (child: ChildProcessByStdio<Writable, Readable, null>) => `${(await once(child.stdout, 'data'))[0]}`.trim();

describe('lock', () => {
  it('is held by one at a time and given back', async () => {
    const path = somewhere();
    const unlock = await taken(path);
    expect(await lock(path)).toEqual({ pid: process.pid });
    await unlock();
    await (await taken(path))();
    expect(readdirSync(locks)).toEqual([]);
  });

  it('is refused while another process lives, and had once that is killed', async () => {
    const path = somewhere();
    const child = start(path);
    expect(await firstLine(child)).toBe('taken');
    expect(await lock(path)).toEqual({ pid: child.pid });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await taken(path))();
    expect(readdirSync(locks)).toEqual([]);
  });

  it('a number that was given to another process since does not count', async () => {
    const path = somewhere();
    const name = processName(process.ppid) ?? '';
    expect(name).toMatch(/^\d+ /);
    await writeFile(path, `${name}0\n`);
    await (await taken(path))();
    await writeFile(path, `${name}\n`);
    expect(await lock(path)).toEqual({ pid: process.ppid });
    await rm(path);
  });

  it('a lock whose maker died before it could sign does not count', async () => {
    const path = somewhere();
    await writeFile(path, '');
    await (await taken(path))();
  });

  it('one that died while it took over a dead one is taken over too', async () => {
    const path = somewhere();
    const dead = spawnSync(process.execPath, ['--version']).pid;
    await writeFile(path, `${dead} gone\n`);
    const first = start(path);
    expect(await firstLine(first)).toBe('taken');
    first.kill('SIGKILL');
    await once(first, 'exit');
    const stale = readFileSync(path, 'latin1');
    await writeFile(path, `${dead} gone\n`);
    await writeFile(`${path}.${createHash('sha256').update(`${dead} gone`).digest('hex').slice(0, 8)}`, stale);
    await (await taken(path))();
    expect(readdirSync(locks)).toEqual([]);
  });

  it('who saw a dead one too late, when another has taken it over, leaves that alone', async () => {
    const path = somewhere();
    const heir = `${path}.${createHash('sha256').update('1 gone').digest('hex').slice(0, 8)}`;
    await writeFile(path, '1 gone\n');
    // Not signed yet, so that whoever wants to take over waits here, having seen the dead one.
    await writeFile(heir, '');
    const late = lock(path);
    for (let look = 0; look < 50; look++) await readFile(heir);
    await writeFile(path, `${processName(process.pid)}\n`);
    await rm(heir);
    expect(await late).toEqual({ pid: process.pid });
    await rm(path);
  });

  it('of many that want a dead one, at once, one gets it', async () => {
    const dead = spawnSync(process.execPath, ['--version']).pid;
    for (let round = 0; round < 30; round++) {
      const path = somewhere();
      await writeFile(path, `${dead} gone\n`);
      const answers = await Promise.all(Array.from({ length: 8 }, () => lock(path)));
      const winners = answers.filter((answer) => typeof answer === 'function');
      expect(winners).toHaveLength(1);
      for (const unlock of winners) await unlock();
    }
    expect(readdirSync(locks)).toEqual([]);
  });

  it('of many that want a dead one, at once and in several processes, one gets it', async () => {
    const path = somewhere();
    const dead = spawnSync(process.execPath, ['--version']).pid;
    await writeFile(path, `${dead} gone\n`);
    const children = Array.from({ length: 6 }, () => start(path));
    const answers = await Promise.all(children.map(firstLine));
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
    for (const child of children) child.stdin.end();
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    expect(readdirSync(locks)).toEqual([]);
  });
});
