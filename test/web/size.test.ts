import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const folder = new URL('../../dist/web/', import.meta.url);
const most = 150 * 1024;

/** The page and what it names, and what that loads at once in turn. */
const loaded = (index: string): ReadonlySet<string> => {
  const found = new Set(['index.html']);
  const waiting = [...index.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path = '']) => path);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    if (!path.endsWith('.js')) continue;
    const text = readFileSync(new URL(path, folder), 'utf8');
    for (const [, other = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) waiting.push(`assets/${other}`);
  }
  return found;
};

test('all that the page loads is at most 150 KiB over the wire', () => {
  expect(existsSync(new URL('index.html', folder)), 'npm run build makes it').toBe(true);
  const index = readFileSync(new URL('index.html', folder), 'utf8');
  const sizes = [...loaded(index)].map((path) => [path, gzipSync(readFileSync(new URL(path, folder)), { level: 9 }).length] as const);
  expect(sizes.some(([path]) => path.endsWith('.js'))).toBe(true);
  expect(sizes.some(([path]) => path.endsWith('.css'))).toBe(true);
  const sum = sizes.reduce((all, [, size]) => all + size, 0);
  expect(sum, sizes.map(([path, size]) => `${path} ${size}`).join('\n')).toBeLessThanOrEqual(most);
});
