/*
 * Reads what the cache holds of a file, brings what it lacks in several streams, and throws some of it away in between.
 * A wrong byte ends it with code 3. Arguments: folder, length, streams, seed.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

import { Cache } from '../../../src/cache/cache.ts';
import { contentOf } from '../../store/content.ts';
import { factsOf } from '../facts.ts';

const [path = '', ...numbers] = process.argv.slice(2);
const [length = 0, streams = 1, seed = 1] = numbers.map(Number);
let state = seed;
const random = (limit: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};

const cache = await Cache.open(path, { size: 2 ** 31, floor: 0 });
const entry = await cache.use('0123456789abcdef01234567', factsOf(length));

/** Reads all that is held; what is found damaged is held no longer. */
const check = async (): Promise<void> => {
  for (let start = 0; start < length; start += 300_007) {
    const range = { start, end: Math.min(length, start + 300_007) };
    for (const part of [...entry.held.within(range)]) {
      const bytes = await entry.read(part).catch(() => undefined);
      if (bytes === undefined ? entry.held.covers(part) : Buffer.compare(bytes, contentOf(part.start, part.end)) !== 0) process.exit(3);
    }
  }
};

const bring = async (start: number, end: number): Promise<void> => {
  for (let at = start; at < end; ) {
    for (const gap of [...entry.held.gaps({ start: at, end: Math.min(end, at + 1 + random(256 * 1024)) })]) {
      const bytes = contentOf(gap.start, gap.end);
      await entry.write(gap.start, { bytes, release: () => bytes.fill(0) });
      at = gap.end;
    }
    at = Math.max(at, Math.min(end, entry.held.runFrom(at)));
    if (random(200) === 0) {
      const from = random(length);
      await entry.discard({ start: from, end: Math.min(length, from + random(2_000_000)) });
    }
    await (random(8) === 0 ? delay(1) : turn());
  }
};

process.stdout.write(`${entry.held.size}\n`);
await check();
const share = Math.ceil(length / streams);
while (entry.held.size < length) {
  await Promise.all(Array.from({ length: streams }, (_, index) => bring(index * share, Math.min(length, (index + 1) * share))));
}
await check();
if (random(2) === 0) await cache.clear('0123456789abcdef01234567');
else await entry.release();
await cache.close();
