import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

import type { Clock } from '../core/ports.ts';

/** How often the time that the machine slept is looked up, and what of it counts as sleep, in milliseconds. */
const lookEvery = 1_000;
const asleep = 2_000;
/** Longest delay that a timer of Node takes; at a longer one it acts at once. */
const longestDelay = 2 ** 31 - 1;

let slept = 0;
let lookedAt = Number.NEGATIVE_INFINITY;
let awake: number | undefined;

/** The monotonic clock stands still while a laptop sleeps; the machine's uptime does not, and no date change moves it. */
const sleepUntil = (now: number): number => {
  if (now - lookedAt < lookEvery) return slept;
  lookedAt = now;
  const ahead = uptime() * 1000 - now;
  awake ??= ahead;
  if (ahead - awake - slept > asleep) slept = ahead - awake;
  return slept;
};

/** The machine's time. Timers hold the process until they act or are called off. */
export const systemClock: Clock = {
  now: () => {
    const now = performance.now();
    return now + sleepUntil(now);
  },
  wall: () => Date.now(),
  after: (delay, act) => {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const now = Math.min(Math.max(0, left), longestDelay);
      timer = setTimeout(() => (left > now ? wait(left - now) : act()), now);
    };
    wait(delay);
    return () => clearTimeout(timer);
  },
};
