// Questions about origins of known rates, where the best possible time can be computed: × of the bound.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { digestOf, startOriginProcess } from '../dist/testing.js';
import { measure, median } from './measure.mjs';

const MB = 1e6;
const latency = 20;
const patience = 4;

const digestOfFile = async (path) => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};

/**
 * A question about mirrors of one file of `size` MB. `rates` are MB/s, one origin each, `{ total, connection }`, the
 * fastest first; `bar` is the most that hydrant's time may be of the bound. A peer that takes longer than four times
 * the bound is stopped, and not asked again.
 */
export const shaped = ({ title, size, rates, connections, bar }) => ({
  title,
  ask: async ({ programs, rounds, say }) => {
    const file = { size: size * MB, seed: 11 };
    const expected = digestOf(file);
    const sum = rates.reduce((all, { total }) => all + total, 0);
    const bound = size / sum + latency / 1000;
    const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-'));
    const origins = [];
    try {
      for (const { total, connection } of rates) {
        const rate = { total: total * MB, ...(connection === undefined ? {} : { connection: connection * MB }) };
        origins.push(await startOriginProcess({ files: { '/file': file }, rate, latency }));
      }
      const urls = origins.map((origin) => origin.url('/file'));
      const sent = async () => (await Promise.all(origins.map((origin) => origin.counts()))).reduce((all, counts) => all + counts.sent, 0);
      const results = new Map(programs.map(({ name }) => [name, []]));
      for (let round = 1; round <= rounds; round++) {
        for (const { name, command, fetch } of programs) {
          const runs = results.get(name);
          if (runs.at(-1)?.stopped) continue;
          const path = join(folder, `${name}-${round}`);
          const before = await sent();
          const run = await measure(command, fetch({ urls, path, connections }), { limit: bound * patience });
          const right = run.stopped || ((await stat(path)).size === file.size && (await digestOfFile(path)) === expected);
          await rm(path, { force: true });
          runs.push({ ...run, right, sent: ((await sent()) - before) / file.size });
          say(
            `${name} ${round}/${rounds}: ${run.stopped ? `stopped after ${run.seconds.toFixed(1)} s` : `× ${(run.seconds / bound).toFixed(3)}`}`,
          );
        }
      }
      return answerOf({ results, bound, bar, size, rates });
    } finally {
      await Promise.all(origins.map((origin) => origin.close()));
      await rm(folder, { recursive: true, force: true });
    }
  },
});

const answerOf = ({ results, bound, bar, size, rates }) => {
  const missed = [];
  const rows = [...results].map(([name, runs]) => {
    if (runs.some(({ stopped }) => stopped)) return [name, `> ${(bound * patience).toFixed(1)}`, `> ${patience}`, '', '', ''];
    const times = runs.map(({ seconds }) => seconds / bound);
    const ratio = median(times);
    if (name === 'hydrant' && ratio > bar) missed.push(`× ${ratio.toFixed(3)} of the bound, the bar is ${bar}`);
    if (runs.some(({ right }) => !right) && name === 'hydrant') missed.push('the bytes are not the right ones');
    return [
      runs.every(({ right }) => right) ? name : `${name} (wrong bytes)`,
      median(runs.map(({ seconds }) => seconds)).toFixed(2),
      ratio.toFixed(3),
      `${Math.min(...times).toFixed(3)}–${Math.max(...times).toFixed(3)}`,
      `${((median(runs.map(({ sent }) => sent)) - 1) * 100).toFixed(2)} %`,
      median(runs.map(({ cpu }) => cpu)).toFixed(2),
    ];
  });
  const told = rates.map(({ total, connection }) => (connection === undefined ? `${total}` : `${total} (${connection} per connection)`));
  return {
    intro: `${size} MB from ${told.join(', ')} MB/s, ${latency} ms to the first byte: the bound is ${bound.toFixed(2)} s, the bar × ${bar}.`,
    columns: ['', 'seconds', '× bound', 'from–to', 'sent beyond the file', 'CPU s'],
    rows,
    missed,
  };
};
