import { expect, it, onTestFinished, vi } from 'vitest';

import { systemClock } from '../../src/client/clock.ts';

it('never goes back', () => {
  let last = systemClock.now();
  for (let turn = 0; turn < 10_000; turn++) {
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

it('acts once when the time has come, and not at all when called off', async () => {
  const acts: string[] = [];
  const began = systemClock.now();
  systemClock.after(5, () => acts.push('called off'))();
  await new Promise<void>((resolve) => {
    systemClock.after(20, () => {
      acts.push('done');
      resolve();
    });
  });
  // Timers of Node may be up to a millisecond early by the finer clock.
  expect(systemClock.now() - began).toBeGreaterThan(18);
  expect(acts).toEqual(['done']);
});

it('knows the date', () => {
  expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1000);
});

it('waits longer than a timer of Node can, and can still be called off', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const month = 30 * 86_400_000;
  let acts = 0;
  systemClock.after(2 * month, () => acts++);
  const cancel = systemClock.after(2 * month, () => acts++);
  vi.advanceTimersByTime(month);
  cancel();
  vi.advanceTimersByTime(month - 1);
  expect(acts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(1);
});
