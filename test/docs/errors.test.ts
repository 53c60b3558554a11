import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { errorTable } from '../../src/core/errors.ts';
import { keyOf, optionTable, rowsOf } from '../../src/core/options.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('docs/errors.md holds the rows of the error table, all of them and no others, in its order', () => {
  const told = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \| (\d+) \| (\d+) \| ([^|]+) \|/gm)].map((row) => row.slice(1));
  const held = Object.entries(errorTable).map(([code, row]) => [code, row.side, row.retry, `${row.status}`, `${row.exit}`, row.text]);
  expect(told).toEqual(held);
});

test('every option that docs/errors.md and README advise is one', () => {
  const flags = new Set(rowsOf(optionTable).flatMap(([name, row]) => [`--${keyOf(name)}`, `--no-${keyOf(name)}`, `-${row.short ?? ''}`]));
  const advised = [...`${page}${readme}`.matchAll(/`(--?[a-z][^` ]*)/g)].map(([, option = '']) => option);
  expect(advised.length).toBeGreaterThan(3);
  expect(advised.filter((option) => !flags.has(option))).toEqual([]);
});
