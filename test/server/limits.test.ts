/** Limits as they are kept: bytes given out and bytes fetched, counted over some seconds; never more than is allowed. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';

import { defaultSettings } from '../../src/server/settings-schema.ts';
import type { LimitAlgorithm, TaskConfig } from '../../src/server/task-config.ts';
import { Origin } from '../../src/testing/origin.ts';
import { configOf, DataBench } from './bench.ts';

const MB = 1_000_000;
const file = { size: 100 * MB, seed: 2 };
const rate = 2 * MB;
/** What may pass at once beside the rate: a bucket saves up half a second, a window that nothing has passed has room for a whole one; and a piece on its way. */
const bursts: Readonly<Record<LimitAlgorithm, number>> = { token_bucket: rate / 2 + 256 * 1024, sliding_window: rate + 256 * 1024 };

/** Bytes that came by and by: how many there are, and how to stop. */
const drain = (url: string): { readonly size: () => number; readonly stop: () => void } => {
  let size = 0;
  const asked = request(url, { agent: false }, (response) => {
    response.on('error', () => undefined);
    response.on('data', (part: Buffer) => {
      size += part.length;
    });
  });
  asked.on('error', () => undefined).end();
  return { size: () => size, stop: () => void asked.destroy() };
};

interface Look {
  readonly given: number;
  readonly fetched: number;
  readonly seconds: number;
}

const algorithms: readonly LimitAlgorithm[] = ['token_bucket', 'sliding_window'];
const cases = algorithms.flatMap((algorithm) => [
  { algorithm, cache: false, readers: 1 },
  { algorithm, cache: true, readers: 3 },
]);

describe.each(cases)('a limit by $algorithm, cache $cache, $readers readers', ({ algorithm, cache, readers }) => {
  const burst = bursts[algorithm];

  const measure = async (whose: 'task' | 'global'): Promise<void> => {
    await using bench = await DataBench.open();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const limited: Partial<TaskConfig> = { rate_limit_bps: rate, rate_limit_algorithm: algorithm };
    const config = configOf({ volumes: [[origin.url('/a.bin')]], cache, ...(whose === 'task' && limited) });
    if (whose === 'global')
      bench.running.apply({ ...defaultSettings, global_rate_limit_bps: rate, global_rate_limit_algorithm: algorithm });
    const { url, task } = bench.task('abc', config);
    const began = performance.now();
    const drains = Array.from({ length: readers }, () => drain(url));
    const look = (): Look => ({
      given: drains.reduce((sum, { size }) => sum + size(), 0),
      fetched: task.health.reduce((sum, source) => sum + source.bytes, 0),
      seconds: (performance.now() - began) / 1000,
    });
    await expect.poll(() => look().given, { timeout: 20_000, interval: 10 }).toBeGreaterThan(2 * rate);
    const slow = look();
    expect(slow.given).toBeLessThanOrEqual(slow.seconds * rate * 1.05 + burst);
    expect(slow.fetched).toBeLessThanOrEqual(slow.seconds * rate * 1.05 + burst);
    // Nor is it far less.
    expect(slow.seconds).toBeLessThan(6);
    if (whose === 'task') await task.update({ ...config, rate_limit_bps: 10 * rate });
    else bench.running.apply({ ...defaultSettings, global_rate_limit_bps: 10 * rate, global_rate_limit_algorithm: algorithm });
    await expect.poll(() => look().given, { timeout: 20_000, interval: 10 }).toBeGreaterThan(slow.given + 10 * rate);
    const fast = look();
    const more = fast.seconds - slow.seconds;
    expect(fast.given - slow.given).toBeLessThanOrEqual(more * 10 * rate * 1.05 + 10 * burst);
    expect(more).toBeLessThan(6);
    for (const { stop } of drains) stop();
  };

  it('of a task and of all tasks is kept, for what is given out and for what is fetched, and changes live', async () => {
    await Promise.all([measure('task'), measure('global')]);
  });
});
