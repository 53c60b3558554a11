import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { breaches } from './floors.ts';
import { sourceFacts } from './source-facts.ts';

const src = new URL('../../src/', import.meta.url);
const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const of = (sources: Record<string, string>) => breaches(new Map(Object.entries(sources)));

test('every file keeps to its floor', () => {
  expect(paths.length).toBeGreaterThan(0);
  expect(breaches(new Map(paths.map((path) => [path, readFileSync(new URL(path, src), 'utf8')])))).toEqual([]);
});

describe('the check can fail:', () => {
  const other = { 'engine/worker.ts': 'export const a = 1;', 'core/range.ts': 'export interface Range {}' };

  test.each([
    ['a value import', `import { a } from '../engine/worker.ts';`],
    ['a type import', `import type { a } from '../engine/worker.ts';`],
    ['a dynamic import', `const later = async () => import('../engine/worker.ts');`],
    ['an inline type import', `type A = typeof import('../engine/worker.ts').a;`],
  ])('%s upwards is found', (_, text) => {
    expect(of({ ...other, 'core/x.ts': text })).toEqual(['core/x.ts: core must not know engine/worker.ts']);
  });

  test('node and npm modules in core are found', () => {
    expect(of({ 'core/x.ts': `import 'node:fs';\nimport { request } from 'undici';` })).toEqual([
      'core/x.ts: core must not import node:fs',
      'core/x.ts: core must not import undici',
    ]);
  });

  test('npm modules in a room that may use node only are found', () => {
    expect(of({ 'store/x.ts': `import 'node:fs';\nimport 'undici';` })).toEqual(['store/x.ts: store must not import undici']);
  });

  test('a cycle closed by a type import is found', () => {
    const found = of({ 'core/a.ts': `import { b } from './b.ts';`, 'core/b.ts': `import type { A } from './a.ts';` });
    expect(found).toEqual(['cycle: core/a.ts → core/b.ts → core/a.ts']);
  });

  test('a missing file, a room without a floor, a barrel and a giant are found', () => {
    expect(of({ 'core/a.ts': `import './gone.ts';` })).toHaveLength(1);
    expect(of({ 'util/a.ts': '' })).toEqual(['util/a.ts: the room util has no floor']);
    expect(of({ ...other, 'core/index.ts': `export * from './range.ts';` })).toHaveLength(2);
    expect(of({ 'core/a.ts': '\n'.repeat(401) })).toEqual(['core/a.ts: has 401 lines, more than 400']);
  });

  test.each([
    ['Date.now()', 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Date()', 'Date()'],
    ['performance.now()', 'performance'],
    ['Math.random()', 'Math.random'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['globalThis.setTimeout(f, 1)', 'setTimeout'],
    ['setInterval(f, 1)', 'setInterval'],
    ['process.hrtime.bigint()', 'process'],
    ['crypto.randomUUID()', 'crypto'],
    ['AbortSignal.timeout(1)', 'AbortSignal.timeout'],
  ])('%s outside a port is found', (text, name) => {
    expect(sourceFacts(text).ambient).toEqual([name]);
  });

  test('dates that are given, ports, comments and strings are no clocks', () => {
    const text = `new Date(0); Date.parse(s); clock.performance; ({ crypto: 1 }); // Date.now()\n'Math.random()'; (clock) => clock.now();`;
    expect(sourceFacts(text).ambient).toEqual([]);
  });
});
