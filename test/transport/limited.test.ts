import { describe, expect, it, onTestFinished } from 'vitest';

import type { Chunk, Clock, Request, Response, Transport } from '../../src/core/ports.ts';
import { transportContract } from '../../src/testing/transport-contract.ts';
import { GeneralTransport } from '../../src/transport/general.ts';
import { LimitedTransport } from '../../src/transport/limited.ts';
import { httpServer, lengthOf } from './servers.ts';

const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (delay, act) => {
    const timer = setTimeout(act, delay);
    return () => clearTimeout(timer);
  },
};

/** Time that stands still until somebody waits for it, and then jumps there. */
const virtualClock = (): Clock & { turn(): Promise<boolean> } => {
  let now = 0;
  const timers: { at: number; act: () => void }[] = [];
  return {
    now: () => now,
    wall: () => now,
    after: (delay, act) => {
      const timer = { at: now + delay, act };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    /** Lets everybody run, then the next timer; false where there is none. */
    async turn() {
      await new Promise((next) => setImmediate(next));
      timers.sort((a, b) => a.at - b.at);
      const timer = timers.shift();
      if (timer === undefined) return false;
      now = Math.max(now, timer.at);
      timer.act();
      return true;
    },
  };
};

/** A transport whose bodies are `count` chunks of `size` bytes that are there at once; `held` of them are not released. */
const plenty = (count: number, size: number): Transport & { held: number } => {
  const transport = {
    held: 0,
    async open(request: Request): Promise<Response> {
      const body = (async function* (): AsyncGenerator<Chunk> {
        for (let index = 0; index < count; index++) {
          transport.held++;
          let released = false;
          yield {
            bytes: new Uint8Array(size),
            release: () => {
              expect(released).toBe(false);
              released = true;
              transport.held--;
            },
          };
        }
      })();
      return { status: 200, headers: new Map(), url: request.url, framing: 'length', body, close: () => {} };
    },
    close: async () => {},
  };
  return transport;
};

const request: Request = { method: 'GET', url: 'http://a.example/', headers: {} };

describe('a limited transport', () => {
  it.each([
    [1_000_000, 1, 65_536],
    [1_000_000, 8, 65_536],
    [50_000, 16, 65_536],
    [200_000_000, 4, 65_536],
    [100_000, 3, 70],
  ])('passes %d bytes/s over %d bodies of chunks of %d, within a hundredth over five seconds', async (rate, bodies, size) => {
    const clock = virtualClock();
    const transport = new LimitedTransport(plenty(Number.POSITIVE_INFINITY, size), clock, rate);
    const stop = new AbortController();
    const taken = Array.from({ length: bodies }, () => 0);
    let sum = 0;
    let atFive: number | undefined;
    const readers = taken.map(async (_, index) => {
      const { body } = await transport.open(request, stop.signal);
      try {
        for await (const chunk of body) {
          if (clock.now() >= 5000) {
            atFive ??= sum;
            break;
          }
          sum += chunk.bytes.length;
          taken[index] = (taken[index] ?? 0) + chunk.bytes.length;
          chunk.release();
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'STOPPED' });
      }
    });
    while (atFive === undefined) await clock.turn();
    stop.abort();
    while (await clock.turn());
    await Promise.all(readers);
    expect(Math.abs(atFive / (rate * 5) - 1)).toBeLessThan(0.01);
    expect(Math.min(...taken)).toBeGreaterThan(0.9 * (Math.max(...taken) - rate / 4));
  });

  it('says how long it held bytes back, which does not count as silence of the source', async () => {
    const clock = virtualClock();
    const outer = new LimitedTransport(new LimitedTransport(plenty(4, 1000), clock, 10_000), clock, 1000);
    const response = await outer.open(request);
    const reading = lengthOf(response.body);
    while (await clock.turn());
    expect(await reading).toBe(4000);
    expect(clock.now()).toBeCloseTo(4000, 0);
    expect(response.heldBack).toBeCloseTo(4000, 0);
  });

  it('goes by a new limit at once', async () => {
    const clock = virtualClock();
    const transport = new LimitedTransport(plenty(100, 1000), clock, 512);
    const reading = transport.open(request).then(({ body }) => lengthOf(body));
    await clock.turn();
    transport.limit = undefined;
    expect(transport.limit).toBe(undefined);
    while (await clock.turn());
    expect(await reading).toBe(100_000);
    expect(clock.now()).toBeLessThan(2000);
  });

  it('releases a chunk when all of its slices are', async () => {
    const clock = virtualClock();
    const inner = plenty(1, 4000);
    const { body } = await new LimitedTransport(inner, clock, 2048).open(request);
    const slices: Chunk[] = [];
    const reading = (async () => {
      for await (const slice of body) slices.push(slice);
    })();
    while (await clock.turn());
    await reading;
    expect(slices.length).toBeGreaterThan(5);
    for (const slice of slices.slice(1)) slice.release();
    expect(inner.held).toBe(1);
    slices[0]?.release();
    expect(inner.held).toBe(0);
  });

  it.each(['signal', 'response', 'transport'])('settles who waits when it is stopped by %s', async (by) => {
    const clock = virtualClock();
    const inner = plenty(10, 4000);
    const transport = new LimitedTransport(inner, clock, 1000);
    const stop = new AbortController();
    const response = await transport.open(request, stop.signal);
    const waiting = response.body[Symbol.asyncIterator]().next();
    await clock.turn();
    const other = await transport.open(request);
    const behind = other.body[Symbol.asyncIterator]().next();
    await new Promise((next) => setImmediate(next));
    if (by === 'signal') stop.abort();
    else if (by === 'response') response.close();
    else await transport.close();
    await waiting.then(
      (result) => result.value?.release(),
      (error) => expect(error).toMatchObject({ code: 'STOPPED' }),
    );
    if (by === 'transport') await expect(behind).rejects.toMatchObject({ code: 'STOPPED' });
    else {
      while (await clock.turn());
      (await behind).value?.release();
      other.close();
    }
    response.close();
    expect(inner.held).toBe(0);
  });

  it('limits real downloads', async () => {
    const payload = Buffer.alloc(1 << 20);
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-length': payload.length });
      response.end(payload);
    });
    const transport = new LimitedTransport(new GeneralTransport(), realClock, 2_000_000);
    onTestFinished(() => transport.close());
    const start = performance.now();
    const all = await Promise.all(
      Array.from({ length: 4 }, async () => lengthOf((await transport.open({ ...request, url: server.url })).body)),
    );
    const rate = (all.reduce((sum, length) => sum + length) / (performance.now() - start)) * 1000;
    expect(rate).toBeLessThan(2_050_000);
    expect(rate).toBeGreaterThan(1_000_000);
  });
});

transportContract({ describe, it }, 'LimitedTransport', () => new LimitedTransport(new GeneralTransport(), realClock));
