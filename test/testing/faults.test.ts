import { describe, expect, it } from 'vitest';

import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import { ask, askRange, messageOf, wire } from './wire.ts';

const size = 100_000;

describe('a fault strikes', () => {
  /** The statuses of `count` requests, one after another, where the fault is a 503. */
  const statuses = async (when: Fault['when'], count: number, methods: readonly string[] = ['GET']): Promise<number[]> => {
    const fault: Fault = { kind: 'status', status: 503, ...(when === undefined ? {} : { when }) };
    await using origin = await Origin.start({ files: { '/a': { size: 10 } }, faults: [fault] });
    const seen: number[] = [];
    for (let index = 0; index < count; index++) {
      const method = methods[index % methods.length];
      seen.push(messageOf((await wire(origin.port, ask('/a', { Connection: 'close' }, method))).text).status);
    }
    return seen;
  };

  it.each<[Fault['when'], number[]]>([
    [undefined, [503, 503, 503, 503]],
    [{ first: 1 }, [503, 200, 200, 200]],
    [{ after: 3 }, [200, 200, 200, 503]],
    [{ every: 2 }, [200, 503, 200, 503]],
    [{ requests: [0, 2] }, [503, 200, 503, 200]],
    [{ path: '/b' }, [200, 200, 200, 200]],
    [{ ranged: true }, [200, 200, 200, 200]],
    [{ chance: 0 }, [200, 200, 200, 200]],
    [{ chance: 1 }, [503, 503, 503, 503]],
  ])('the requests that %j names', async (when, expected) => {
    expect(await statuses(when, 4)).toEqual(expected);
  });

  it('one method only, counting no other', async () => {
    expect(await statuses({ method: 'HEAD', requests: [1] }, 4, ['GET', 'HEAD'])).toEqual([200, 200, 200, 503]);
  });

  it('the same requests whenever its seed is the same', async () => {
    const first = await statuses({ chance: 0.5, seed: 3 }, 20);
    expect(new Set(first).size).toBe(2);
    expect(await statuses({ chance: 0.5, seed: 3 }, 20)).toEqual(first);
  });

  it('requests for some byte of a range', async () => {
    const faults: Fault[] = [{ kind: 'status', status: 503, when: { within: { start: 100, end: 200 } } }];
    await using origin = await Origin.start({ files: { '/a': { size } }, faults });
    const status = async (start: number, end: number): Promise<number> =>
      messageOf((await wire(origin.port, askRange('/a', start, end))).text).status;
    expect([await status(0, 100), await status(99, 101), await status(200, 300)]).toEqual([206, 503, 206]);
  });

  it('requests beyond so many at once', async () => {
    const faults: Fault[] = [
      { kind: 'stall', after: 1, when: { first: 2 } },
      { kind: 'status', status: 503, when: { beyond: 2 } },
    ];
    await using origin = await Origin.start({ files: { '/a': { size } }, faults });
    const leave = new AbortController();
    const held = [0, 1].map(() => wire(origin.port, ask('/a'), () => leave.signal.aborted));
    await expect.poll(() => origin.requests.map(({ sent }) => sent)).toEqual([1, 1]);
    const statusNow = async (): Promise<number> => messageOf((await wire(origin.port, askRange('/a', 0, 1))).text).status;
    expect([await statusNow(), await statusNow()]).toEqual([503, 503]);
    expect(origin.counts.peak).toBe(2);
    await origin.down();
    await Promise.all(held);
    await origin.up();
    expect(await statusNow()).toBe(206);
  });
});
