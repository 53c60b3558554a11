import { createHash } from 'node:crypto';
import { get } from 'node:http';

import { digestOf, startOriginProcess } from '../../dist/testing.js';
import { median } from '../measure.mjs';
import { proxies } from '../proxies.mjs';

const MB = 1e6;
const size = 16 * MB;
const connection = 2 * MB;
const latency = 20;
/** Rounds are long here, and the first is always another one: few are enough. */
const most = 5;

/** Asks for `url`: `{ status, first, whole, digest }`, times in milliseconds. `leave`: goes after the first byte. */
const ask = (url, { range, leave = false } = {}) =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const request = get(url, { agent: false, headers: range === undefined ? {} : { range } }, (response) => {
      const hash = createHash('sha256');
      let first;
      response.on('data', (bytes) => {
        first ??= performance.now() - began;
        if (leave) {
          response.destroy();
          resolve({ status: response.statusCode, first });
        } else hash.update(bytes);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, first, whole: performance.now() - began, digest: hash.digest('hex') }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
  });

/** One round through `proxy`: a path that nobody asked for before, cold, warm and with a seek. */
const roundOf = async (proxy, path) => {
  const url = await proxy.urlOf(`/file?${path}`);
  const cold = await ask(url);
  const warm = await ask(url);
  const other = await proxy.urlOf(`/file?${path}-seek`);
  const playing = ask(other).catch(() => undefined);
  await ask(other, { leave: true });
  const seek = await ask(other, { range: `bytes=${Math.floor(size * 0.75)}-`, leave: true });
  await playing;
  return { cold, warm, seek };
};

export const question = {
  title: 'What does a player see through a proxy, before an origin that limits each connection?',
  ask: async ({ rounds, say }) => {
    const { present, missing } = proxies();
    for (const name of missing) say(`${name} is not installed: its row is left out`);
    const file = { size, seed: 11 };
    const expected = digestOf(file);
    const origin = await startOriginProcess({ files: { '/file': file }, rate: { connection }, latency });
    const started = [];
    const results = new Map(present.map(({ name }) => [name, []]));
    const direct = [];
    try {
      for (const { name, start } of present) started.push({ name, ...(await start(origin)) });
      for (let round = 1; round <= Math.min(rounds, most); round++) {
        direct.push((await ask(origin.url(`/file?direct${round}`), { leave: true })).first);
        for (const proxy of started) {
          const times = await roundOf(proxy, `${proxy.name.replaceAll(' ', '-')}-${round}`);
          results.get(proxy.name).push({ ...times, right: times.cold.digest === expected && times.warm.digest === expected });
          say(`${proxy.name} ${round}: cold ${(times.cold.whole / 1000).toFixed(2)} s, warm ${(times.warm.whole / 1000).toFixed(2)} s`);
        }
      }
    } finally {
      for (const { close } of started) await close();
      await origin.close();
    }
    return answerOf(results, median(direct));
  },
};

const answerOf = (results, direct) => {
  const missed = [];
  const of = (name, value) => median(results.get(name).map(value));
  const slowest = results.has('nginx slice') ? 'nginx slice' : 'hydrant serve';
  const rows = [...results].map(([name, runs]) => {
    if (name === 'hydrant serve' && runs.some(({ right }) => !right)) missed.push('the bytes are not the right ones');
    const cold = of(name, (run) => run.cold.whole);
    return [
      runs.every(({ right }) => right) ? name : `${name} (wrong bytes)`,
      (cold / 1000).toFixed(2),
      (of(slowest, (run) => run.cold.whole) / cold).toFixed(1),
      (of(name, (run) => run.warm.whole) / 1000).toFixed(2),
      (of(name, (run) => run.cold.first) - direct).toFixed(1),
      of(name, (run) => run.warm.first).toFixed(1),
      of(name, (run) => run.seek.first).toFixed(1),
    ];
  });
  return {
    intro: `${size / MB} MB from an origin that gives each connection ${connection / MB} MB/s, ${latency} ms to the first byte; hydrant and hydraria may use 16 connections. Directly the first byte takes ${direct.toFixed(1)} ms.`,
    columns: [
      '',
      'cold, s',
      `× as fast as ${slowest}`,
      'warm, s',
      'first byte cold, ms more',
      'first byte warm, ms',
      'first byte after a seek, ms',
    ],
    rows,
    missed,
  };
};
