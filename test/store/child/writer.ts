/*
 * Writes what is missing of a file in several streams, and says before each write, in a file that outlives it, how many
 * bytes it has taken. Arguments: path, length, streams, seed.
 */
import { writeSync } from 'node:fs';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

import { FileStore } from '../../../src/store/file.ts';
import { contentOf } from '../content.ts';

const [path = '', ...numbers] = process.argv.slice(2);
const [length = 0, streams = 1, seed = 1] = numbers.map(Number);
let state = seed;
const random = (limit: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};

const facts = { urls: ['http://127.0.0.1/f'], length, validators: new Map([['http://127.0.0.1/f', { etag: '"1"' }]]) };
const store = await FileStore.open(path, { facts, keep: true, syncTime: 20 });
writeSync(1, `${store.held.size}\n`);

const bring = async (start: number, end: number): Promise<void> => {
  for (let at = start; at < end; ) {
    for (const gap of [...store.held.gaps({ start: at, end: Math.min(end, at + 1 + random(64 * 1024)) })]) {
      const bytes = contentOf(gap.start, gap.end);
      writeSync(1, `${store.held.size + bytes.length}\n`);
      await store.write(gap.start, { bytes, release: () => bytes.fill(0) });
      at = gap.end;
    }
    at = Math.max(at, Math.min(end, store.held.runFrom(at)));
    await (random(8) === 0 ? delay(1) : turn());
  }
};

const share = Math.ceil(length / streams);
await Promise.all(Array.from({ length: streams }, (_, index) => bring(index * share, Math.min(length, (index + 1) * share))));
await store.finish();
