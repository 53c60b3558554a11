import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

import { FileTaskStore } from '../../src/server/file-task-store.ts';
import { compileInto } from '../store/compiled.ts';

const rooms = ['digest', 'filter', 'http', 'transport', 'server', 'server/imports'].map((room) => `src/${room}`);

/** What a task may be called when it is looked for: `-` is gone. */
type Promised = Map<string, ReadonlySet<string>>;

/** Reads what the child said: the last that was acknowledged of each task, and what was asked for since. */
const promisesIn = (text: string, before: Promised): Promised => {
  const promised: Promised = new Map(before);
  for (const line of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)) {
    const [mark, id = '', name = ''] = line.split(' ');
    if (id === 'started') continue;
    promised.set(id, mark === '=' ? new Set([name]) : new Set([...(promised.get(id) ?? []), name]));
  }
  return promised;
};

/** Kills an editor of a state file `kills` times, and looks each time whether every promise was kept. */
export const killEditors = async (folder: string, kills: number): Promise<void> => {
  await compileInto(folder, [...rooms, 'test/server/child']);
  await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'state', 'tasks.json');
  const said = join(folder, 'said');
  const seed = Math.floor(Math.random() * 2 ** 31);
  let promised: Promised = new Map();
  let edits = 0;
  for (let kill = 0; kill < kills; kill++) {
    const output = openSync(said, 'w');
    const child = spawn(process.execPath, [join(folder, 'test/server/child/editor.js'), path, String(seed + kill)], {
      stdio: ['ignore', output, 'inherit'],
    });
    closeSync(output);
    const exited = once(child, 'exit');
    const until = 1 + (((seed >>> (kill % 16)) + kill * 37) % 400);
    while (child.exitCode === null && readFileSync(said, 'latin1').split('\n').length <= until) await new Promise(setImmediate);
    child.kill('SIGKILL');
    const [code] = await exited;
    expect(code, `seed ${seed}, kill ${kill}: the editor ended by itself`).toBeNull();
    const text = readFileSync(said, 'utf8');
    edits += text.split('\n').length;
    promised = promisesIn(text, promised);
    const store = await FileTaskStore.open(path);
    expect(store.notes, `seed ${seed}, kill ${kill}`).toEqual([]);
    const kept = new Map([...store.kept('task')].map(([id, value]) => [id, (value as { config: { name: string } }).config.name]));
    await store.close();
    for (const [id, names] of promised) {
      const name = kept.get(id) ?? '-';
      expect(names.has(name), `seed ${seed}, kill ${kill}: ${id} is ${name}, not one of ${[...names].join(', ')}`).toBe(true);
    }
    // What is there now is what the next editor begins with, whoever was promised it.
    promised = new Map([...kept].map(([id, name]) => [id, new Set([name])]));
  }
  expect(edits).toBeGreaterThan(kills);
  expect((await readdir(join(folder, 'state'))).filter((name) => name.includes('damaged') || name.endsWith('.tmp'))).toEqual([]);
};
