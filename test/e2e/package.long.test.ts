/** What a newcomer gets: a clean clone that sets itself up, and the published package in an empty folder. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { contentOf, Origin } from '../../src/testing/testing.ts';
import { needs } from './needs.ts';
import { Desk } from './run.ts';

/** Options of the program are no business of those who run its tests. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HYDRANT_')));
const run = (command: string, args: readonly string[], cwd: string) => promisify(execFile)(command, args, { cwd, env });
const root = fileURLToPath(new URL('../../', import.meta.url));
const size = 3_000_000;
const content = Buffer.from(contentOf(5, 0, size));
let origin: Origin;

beforeAll(async () => {
  origin = await Origin.start({ files: { '/disk.iso': { size, seed: 5 } } });
});
afterAll(() => origin.close());

needs('git')('a clean clone', () => {
  test('has a file after the first command of the README', async () => {
    using desk = new Desk();
    const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root);
    for (const name of stdout.split('\0').filter((name) => name !== '' && statSync(join(root, name), { throwIfNoEntry: false }))) {
      mkdirSync(dirname(desk.at(name)), { recursive: true });
      copyFileSync(join(root, name), desk.at(name));
    }
    const [, command = ''] = /^(npm ci && npx hydrant get \S+)/m.exec(readFileSync(desk.at('README.md'), 'utf8')) ?? [];
    await run('bash', ['-c', command.replace('https://example.org', origin.url(''))], desk.path);
    expect(readFileSync(desk.at('disk.iso')).equals(content)).toBe(true);
  });
});

test('the packed package runs in an empty folder without what it was developed with', async () => {
  using desk = new Desk();
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', desk.path], root);
  const [pack] = JSON.parse(stdout);
  const names: string[] = pack.files.map(({ path }: { path: string }) => path);
  expect(names.filter((name) => !/^(dist|docs|examples)\/|^(package\.json|README\.md|LICENSE)$/.test(name))).toEqual([]);
  expect(names.filter((name) => /\.test\.|vitest/.test(name))).toEqual([]);

  writeFileSync(desk.at('package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--prefer-offline', desk.at(pack.filename)], desk.path);
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, path] of Object.entries<string>(bin)) {
    expect(readFileSync(desk.at('node_modules/hydrant', path), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const said = await run(desk.at('node_modules/.bin', name), ['--version'], desk.path);
    expect(said.stdout).toMatch(/\d+\.\d+\.\d+/);
  }

  await run(desk.at('node_modules/.bin/hydrant'), ['get', '-o', 'one', origin.url('/disk.iso')], desk.path);
  await run(desk.at('node_modules/.bin/hs'), ['-o', 'two', origin.url('/disk.iso')], desk.path);
  expect(readFileSync(desk.at('one')).equals(content)).toBe(true);
  expect(readFileSync(desk.at('two/disk.iso')).equals(content)).toBe(true);
  const imports = `await import('hydrant'); await import('hydrant/testing');`;
  await run(process.execPath, ['--input-type=module', '-e', imports], desk.path);
});
