import type { Random } from './ports.ts';

/** First and longest delay between tries, in milliseconds. */
const firstDelay = 250;
const longestDelay = 5_000;

/** The longest delay between tries when all of them together may take `budget` milliseconds: some tries must fall into it. */
export const longestWithin = (budget: number): number => Math.min(longestDelay, Math.max(firstDelay, budget / 8));

/** How long a source that never answered is tried, in milliseconds. */
export const neverAnsweredBudget = 30_000;

/** Milliseconds to wait after the `failures`-th failure in a row: exponential up to `longest`, with full jitter. */
export const backoff = (failures: number, longest: number, random: Random): number =>
  Math.min(longest, firstDelay * 2 ** Math.min(failures - 1, 10)) * (0.1 + 0.9 * random());
