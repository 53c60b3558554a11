import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8');
const mapped = [...page.matchAll(/^\| `([\w./]+)\/` \|/gm)].map(([, folder = '']) => folder);

const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage', '.tmp']);
const holdsFiles = (path: string): boolean =>
  readdirSync(new URL(`${path}/`, root), { withFileTypes: true, recursive: true }).some((entry) => entry.isFile());
const folders = (path: string): string[] =>
  readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !notOurs.has(entry.name))
    .map((entry) => `${path}${entry.name}`)
    .filter(holdsFiles);

test('the map in CONTRIBUTING names every folder, and no folder that is not there', () => {
  const mirrors = folders('test/').filter((folder) => existsSync(new URL(folder.replace('test', 'src'), root)));
  const real = [...folders(''), ...folders('src/'), ...folders('test/').filter((folder) => !mirrors.includes(folder))];
  expect(mapped.toSorted()).toEqual(real.toSorted());
});

test('every npm script in CONTRIBUTING is one, and every script but those that npm runs is told', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const told = new Set([...page.matchAll(/`npm (?:run )?(test\b(?!:)|[a-z]+(?::[a-z]+)?)[^`]*`/g)].map(([, name]) => name));
  for (const builtIn of ['ci', 'build', 'prepare']) told.delete(builtIn);
  expect([...told].toSorted()).toEqual(
    Object.keys(scripts)
      .filter((name) => !['build', 'prepare'].includes(name))
      .toSorted(),
  );
});
