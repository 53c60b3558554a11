import { expect } from 'vitest';

import type { Ended } from './run.ts';

/** One line or a few on stderr, without a trace, and nothing on stdout. */
export const expectPlain = (ended: Ended, code: number, says: RegExp): void => {
  expect(ended, ended.stderr).toMatchObject({ code });
  expect(ended.stderr).toMatch(says);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  expect(ended.stderr.trim().split('\n').length).toBeLessThanOrEqual(4);
  expect(ended.stdout.length).toBe(0);
};
