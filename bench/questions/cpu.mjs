import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { measure, median } from '../measure.mjs';
import { startFastOrigin } from '../unshaped.mjs';

const GiB = 2 ** 30;
const size = GiB / 2;

export const question = {
  title: 'What does a byte cost, from a fast origin to disk?',
  ask: async ({ programs, rounds, say }) => {
    const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-'));
    const origin = await startFastOrigin(size);
    const results = new Map(programs.map(({ name }) => [name, []]));
    try {
      for (let round = 1; round <= rounds; round++) {
        for (const { name, command, fetch } of programs) {
          const path = join(folder, `${name}-${round}`);
          const run = await measure(command, fetch({ urls: [origin.url], path, connections: 8 }), { limit: 120 });
          await rm(path, { force: true });
          results.get(name).push(run);
          say(`${name} ${round}/${rounds}: ${run.seconds.toFixed(2)} s, ${run.cpu.toFixed(2)} s of CPU`);
        }
      }
    } finally {
      await origin.close();
      await rm(folder, { recursive: true, force: true });
    }
    const middle = (name, key) => median(results.get(name).map((run) => run[key]));
    const against = results.has('aria2c') ? 'aria2c' : 'hydrant';
    const rows = [...results.keys()].map((name) => [
      name,
      ((middle(name, 'cpu') * GiB) / size).toFixed(2),
      (middle(name, 'cpu') / middle(against, 'cpu')).toFixed(2),
      (size / GiB / middle(name, 'seconds')).toFixed(2),
      `${Math.round(middle(name, 'peak') / 2 ** 20)}`,
    ]);
    return {
      intro: `${size / 2 ** 20} MiB over loopback from ${origin.name}, 8 connections (curl: one). The program under test only, user and system time.`,
      columns: ['', 'CPU s per GiB', `× ${against}`, 'GiB/s', 'peak RSS, MiB'],
      rows,
      missed: [],
    };
  },
};
