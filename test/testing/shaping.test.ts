import { describe, expect, it } from 'vitest';

import { Origin } from '../../src/testing/origin.ts';
import { ask, wire } from './wire.ts';

describe('rates', () => {
  /** Bytes per second that `connections` clients get together within 0.4 s. */
  const measured = async (rate: { connection?: number; total?: number }, connections: number): Promise<number[]> => {
    await using origin = await Origin.start({ files: { '/a': { size: 2 ** 40 } }, rate });
    const started = performance.now();
    const until = (): boolean => performance.now() - started > 400;
    const seen = await Promise.all(Array.from({ length: connections }, () => wire(origin.port, ask('/a'), until)));
    return seen.map(({ text: received }) => (received.length * 1000) / (performance.now() - started));
  };

  it('hold for each connection', async () => {
    for (const rate of await measured({ connection: 1_000_000 }, 2)) {
      expect(rate).toBeGreaterThan(700_000);
      expect(rate).toBeLessThan(1_100_000);
    }
  });

  it('hold for all connections together, fairly', async () => {
    const rates = await measured({ total: 1_200_000 }, 3);
    expect(rates.reduce((sum, rate) => sum + rate)).toBeLessThan(1_350_000);
    for (const rate of rates) expect(rate).toBeGreaterThan(280_000);
  });

  it('leave to others what one connection may not take', async () => {
    const rates = await measured({ connection: 500_000, total: 10_000_000 }, 2);
    for (const rate of rates) expect(rate).toBeLessThan(570_000);
  });

  it('come after the latency', async () => {
    await using origin = await Origin.start({ files: { '/a': { size: 1 } }, latency: 50 });
    const started = performance.now();
    await wire(origin.port, ask('/a', { Connection: 'close' }));
    expect(performance.now() - started).toBeGreaterThan(48);
  });
});
