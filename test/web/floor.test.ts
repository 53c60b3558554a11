import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { expect, test } from 'vitest';

const src = new URL('../../web/src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:tsx?|css)$/.test(path));
const textOf = (path: string): string => readFileSync(new URL(path, src), 'utf8');

/** What is wrong with `text`, the file of the page at `path`. */
const breaches = (path: string, text: string): readonly string[] => [
  ...[...text.matchAll(/^(?:import|export)\b(?<what>[^;]*?)\bfrom '(?<from>[^']+)'/gms)].flatMap(
    ({ groups: { what = '', from = '' } = {} }) => {
      const target = from.startsWith('.') ? join('web/src', path, '..', from) : from;
      if (target.startsWith('node:')) return [`${path} imports ${target}`];
      if (target.startsWith('src/') && !(target === 'src/server/api-types.ts' && /^\s+type\b/.test(what)))
        return [`${path} imports ${target}`];
      return [];
    },
  ),
  ...(text.split('\n').length > 400 ? [`${path} has more than 400 lines`] : []),
];

test('the page knows nothing of the server but the types of what it answers', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((path) => breaches(path, textOf(path)))).toEqual([]);
});

test('the check can fail', () => {
  expect(breaches('data/x.ts', "import { a } from '../../../src/server/api-types.ts';")).toHaveLength(1);
  expect(breaches('data/x.ts', "import type { A } from '../../../src/core/range.ts';")).toHaveLength(1);
  expect(breaches('x.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
  expect(breaches('x.ts', '\n'.repeat(401))).toHaveLength(1);
});
