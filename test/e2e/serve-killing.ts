import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { startOriginProcess } from '../../src/testing/remote-origin.ts';
import { Desk } from './run.ts';
import { Serving } from './serving.ts';

const mebi = 2 ** 20;
const size = 3 * mebi + 4321;
const count = 6;
/** Room for most of the files, not for all. */
const cacheSize = '12M';

/** What a thing may be after a kill: as it was acknowledged, or as was asked last. Undefined: not there. */
type Promised = Map<string, ReadonlySet<string | undefined>>;

const numbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Overwrites some of each stored file, as a disk does that lost what was not synced. */
const damage = (folder: string, random: () => number): number => {
  let damaged = 0;
  for (const name of readdirSync(folder).filter((entry) => /^[0-9a-f]{24}$/.test(entry))) {
    const path = join(folder, name, 'data');
    if (!statSync(path, { throwIfNoEntry: false })?.isFile() || random() < 0.5) continue;
    const handle = openSync(path, 'r+');
    const at = Math.floor(random() * (size - 70_000));
    writeSync(handle, random() < 0.5 ? Buffer.alloc(65_536) : Buffer.alloc(65_536, 0xa5), 0, 65_536, at);
    closeSync(handle);
    damaged++;
  }
  return damaged;
};

/** Asks the server for edits, fills and bytes until it is gone, and notes what it may be held to. */
const edit = async (
  serving: Serving,
  { promised, random, urlOf }: { readonly promised: Promised; readonly random: () => number; readonly urlOf: (file: number) => string },
): Promise<number> => {
  let acknowledged = 0;
  const change = async (name: string, value: string | undefined, ask: () => Promise<{ readonly status: number }>): Promise<boolean> => {
    promised.set(name, new Set([...(promised.get(name) ?? [undefined]), value]));
    const { status } = await ask();
    expect(status, name).toBeLessThan(300);
    promised.set(name, new Set([value]));
    acknowledged++;
    return true;
  };
  const worker = async (lane: number): Promise<void> => {
    for (let step = 0; ; step++) {
      const own = [...promised].filter(([name, values]) => name.startsWith(`task ${lane} `) && !values.has(undefined));
      const [name] = own[Math.floor(random() * own.length)] ?? [];
      const id = name?.split(' ')[2] ?? '';
      const chance = random();
      const label = `${lane}-${step}-${Math.floor(random() * 1e6)}`;
      if (name === undefined || (chance < 0.2 && own.length < 6)) {
        const file = Math.floor(random() * count);
        // Until it is answered nobody knows what it is called.
        const made = await serving.ask('POST api/tasks', { url: urlOf(file), name: label, cache: true, start_cache: random() < 0.3 });
        expect(made.status).toBe(200);
        promised.set(`task ${lane} ${made.body.task_id}`, new Set([label]));
        acknowledged++;
      } else if (chance < 0.5) await change(name, label, () => serving.ask(`PATCH api/tasks/${id}`, { name: label }));
      else if (chance < 0.6)
        await change(name, undefined, () => serving.ask(`DELETE api/tasks/${id}${random() < 0.5 ? '?clear_cache=1' : ''}`));
      else if (chance < 0.7) await change('setting', label, () => serving.ask('PUT api/settings', { download_dir: label }));
      else if (chance < 0.8) await serving.ask(`POST api/tasks/${id}/cache`);
      else await serving.read(id);
    }
  };
  // The kill ends them all.
  await Promise.allSettled([0, 1, 2].map(worker)).then((ends) => {
    for (const end of ends) if (end.status === 'rejected' && end.reason?.name === 'AssertionError') throw end.reason;
  });
  return acknowledged;
};

/** Kills a server that edits, fills and evicts `kills` times, and looks each time whether every promise was kept and every byte is right. */
export const killServers = async (kills: number, seed: number): Promise<void> => {
  const random = numbers(seed);
  using desk = new Desk();
  const files = Object.fromEntries(Array.from({ length: count }, (_, file) => [`/${file}.bin`, { size, seed: 60 + file }]));
  await using origin = await startOriginProcess({ files, rate: { total: 40_000_000 } });
  const urlOf = (file: number): string => origin.url(`/${file}.bin`);
  const right = Array.from({ length: count }, (_, file) => Buffer.from(contentOf(60 + file, 0, size)));
  const promised: Promised = new Map();
  const folder = desk.at('cache');
  mkdirSync(folder);
  const args = ['--cache-dir', folder, '--cache-size', cacheSize];
  const tally = { acknowledged: 0, damaged: 0, read: 0 };
  for (let kill = 0; kill < kills; kill++) {
    const where = `seed ${seed}, kill ${kill}`;
    await using serving = await Serving.start(desk, args);
    const working = edit(serving, { promised, random, urlOf });
    await delay(30 + random() * 700);
    await serving.kill();
    tally.acknowledged += await working;
    if (kill % 2 === 1) tally.damaged += damage(folder, random);

    await using again = await Serving.start(desk, args);
    const tasks: { task_id: string; config: { name: string; volumes: string[][] } }[] = (await again.ask('GET api/tasks')).body;
    const named = new Map(tasks.map(({ task_id, config }) => [task_id, config.name]));
    for (const [name, values] of promised) {
      if (name === 'setting') continue;
      const now = named.get(name.split(' ')[2] ?? '');
      expect(values.has(now), `${where}: ${name} is ${now}, not one of ${[...values].join(', ')}`).toBe(true);
      promised.set(name, new Set([now]));
    }
    const settings = promised.get('setting');
    const { download_dir: setting } = (await again.ask('GET api/settings')).body;
    if (settings !== undefined)
      expect(
        [...settings].map((value) => value ?? null),
        `${where}: setting`,
      ).toContain(setting);
    promised.set('setting', new Set([setting ?? undefined]));
    for (let file = 0; file < count; file++) {
      const task = tasks.find(({ config }) => config.volumes[0]?.[0] === urlOf(file));
      if (task === undefined) continue;
      const { bytes, whole } = await again.read(task.task_id);
      expect(whole && bytes.equals(right[file] ?? bytes.subarray(0, 0)), `${where}: file ${file}`).toBe(true);
      tally.read++;
    }
    expect(again.running.stderr, where).not.toMatch(/damaged/);
    await vi.waitFor(() => again.kill(), { timeout: 5000 });
  }
  expect(tally.acknowledged).toBeGreaterThan(kills);
  expect(tally.damaged).toBeGreaterThan(0);
  console.log(
    `seed ${seed}: ${kills} kills, ${tally.acknowledged} edits acknowledged, ${tally.damaged} files damaged, ${tally.read} files read back`,
  );
};
