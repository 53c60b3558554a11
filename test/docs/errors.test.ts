import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { errorTable } from '../../src/core/errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md holds the rows of the error table, all of them and no others, in its order', () => {
  const told = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \| (\d+) \| (\d+) \| ([^|]+) \|/gm)].map((row) => row.slice(1));
  const held = Object.entries(errorTable).map(([code, row]) => [code, row.side, row.retry, `${row.status}`, `${row.exit}`, row.text]);
  expect(told).toEqual(held);
});

test('every option that docs/errors.md advises has two dashes and lower-case words', () => {
  const advised = [...page.matchAll(/`(-[^`]*)`/g)].map(([, text]) => text?.split(' ')[0]);
  expect(advised.length).toBeGreaterThan(3);
  for (const option of advised) expect(option).toMatch(/^(-[a-z]|--[a-z]+(-[a-z]+)*)$/);
});
