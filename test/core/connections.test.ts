import { describe, expect, test } from 'vitest';

import { Connections } from '../../src/core/connections.ts';

/** Runs `connections` for `seconds` against an origin that gives `rate(n)` bytes per second to n connections. */
const run = (connections: Connections, rate: (count: number) => number, seconds: number, from = 0): number => {
  let bytes = 0;
  for (let now = from; now < from + seconds * 1000; now += 100) {
    const count = connections.allowed(now);
    bytes += rate(count) / 10;
    connections.observe(now, { established: count, bytes });
  }
  return connections.allowed(from + seconds * 1000);
};

describe('connections to one origin', () => {
  test('double while each brings as much as the others', () => {
    expect(run(new Connections(4, 16), (count) => count * 1e6, 3)).toBe(16);
  });

  test('stay where they began when more bring nothing', () => {
    const connections = new Connections(4, 16);
    expect(run(connections, () => 8e6, 5)).toBe(4);
    expect(connections.isShared(4)).toBe(true);
  });

  test('settle near where the origin gives no more', () => {
    const count = run(new Connections(4, 16), (n) => Math.min(n * 2e6, 20e6), 5);
    expect(count).toBeGreaterThanOrEqual(10);
  });

  test('are as many as the origin needs where a doubling pays in part', () => {
    expect(run(new Connections(4, 8), (count) => Math.min(count * 2e6, 10e6), 3)).toBe(5);
  });

  test('are judged by those that run, where others need the rest', () => {
    const connections = new Connections(4, 8);
    let bytes = 0;
    for (let now = 0; now < 3_000; now += 100) {
      bytes += 8e5;
      connections.observe(now, { established: Math.min(7, connections.allowed(now)), bytes });
    }
    expect(connections.allowed(3_000)).toBe(4);
    expect(connections.proven).toBe(4);
  });

  test('are tried again after a while', () => {
    const connections = new Connections(4, 16);
    expect(run(connections, () => 8e6, 5)).toBe(4);
    expect(run(connections, (count) => count * 2e6, 25, 5_000)).toBeGreaterThan(4);
  });

  test('never pass the ceiling', () => {
    expect(run(new Connections(4, 6), (count) => count * 1e6, 10)).toBe(6);
  });

  test('count down to what the origin takes when several are refused at once', () => {
    const connections = new Connections(8, 8);
    for (const others of [7, 6, 5, 4, 3]) connections.refused(1_000, others, 200);
    expect(connections.allowed(1_300)).toBe(3);
    expect(connections.free(1_100, 3)).toBe(0);
    expect(connections.free(1_300, 2)).toBe(1);
  });

  test('are halved when the origin refuses again within the cap', () => {
    const connections = new Connections(8, 8);
    connections.refused(1_000, 7, 200);
    connections.refused(5_000, 6, 200);
    expect(connections.allowed(6_000)).toBe(3);
  });

  test('are none while the origin asked to be left alone', () => {
    const connections = new Connections(4, 8);
    connections.refused(1_000, 0, 3_000);
    expect(connections.free(3_999, 0)).toBe(0);
    expect(connections.free(4_000, 0)).toBe(1);
  });

  test('learn a cap for longer each time it holds', () => {
    const connections = new Connections(4, 8);
    let refusals = 0;
    let bytes = 0;
    for (let now = 0; now < 600_000; now += 100) {
      const count = connections.allowed(now);
      bytes += Math.min(count, 2) * 1e5;
      if (count > 2 && connections.free(now, 2) > 0) {
        refusals++;
        connections.refused(now, 2, 100);
      } else connections.observe(now, { established: Math.min(count, 2), bytes });
    }
    expect(refusals).toBeLessThanOrEqual(20);
  });
});
