/** What the README promises, run as it stands against local origins. Its two set-up commands are run by `package.long.test.ts` and the whole check. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { commandLines } from '../../src/cli/manuals.ts';
import { contentOf, digestOf, Origin, type OriginFile } from '../../src/testing/testing.ts';
import { Desk, programPath, start } from '../e2e/run.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('README.md', root), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, found, text = '']) => (found === language ? [text.trim()] : []));

const disk = { size: 5_000_000, seed: 3 };
const film = { size: 3_000_000, seed: 4 };
const reads = Array.from({ length: 5_000 }, (_, index) => `@read ${index}\nACGT\n+\nIIII\n`).join('');
const files: Readonly<Record<string, OriginFile>> = {
  '/disk.iso': disk,
  '/film.mkv': film,
  '/reads.fastq.gz': { bytes: gzipSync(reads) },
  '/a.csv': { bytes: Buffer.from('a,b\n') },
  '/b.csv': { bytes: Buffer.from('1,2\n3,4\n') },
};

const desk = new Desk();
const origins = new Map<string, Origin>();

/** `text` with every host of an example replaced by an origin of its own. */
const local = (text: string): string =>
  text.replace(/https:\/\/([a-z.]*example\.org)/g, (_, host: string) => origins.get(host)?.url('') ?? `no origin for ${host}`);

const run = (command: string) =>
  promisify(execFile)('bash', ['-o', 'pipefail', '-c', local(command)], {
    cwd: desk.path,
    env: {
      PATH: `${desk.at('bin')}${delimiter}${process.env.PATH}`,
      HOME: desk.path,
      SHA256: digestOf(disk),
    },
  });

beforeAll(async () => {
  for (const [, host = ''] of page.matchAll(/https:\/\/([a-z.]*example\.org)/g)) {
    if (!origins.has(host)) origins.set(host, await Origin.start({ files }));
  }
  mkdirSync(desk.at('bin'));
  for (const name of ['hydrant', 'hs'] as const) {
    writeFileSync(desk.at('bin', name), `#!/bin/sh\nexec "${process.execPath}" "${programPath(name)}" "$@"\n`);
    chmodSync(desk.at('bin', name), 0o755);
  }
  mkdirSync(desk.at('node_modules'));
  symlinkSync(fileURLToPath(root), desk.at('node_modules/hydrant'));
});
afterAll(async () => {
  for (const origin of origins.values()) await origin.close();
  desk[Symbol.dispose]();
});

const commands = blocks('sh');

test('the first two commands of the README set everything up', () => {
  expect(commands.slice(0, 2)).toEqual(['npm ci && npx hydrant get https://example.org/disk.iso', 'npm ci && npm test']);
});

test('the mirrors of the README give one file that is checked', async () => {
  await run(commands[2] ?? '');
  expect(readFileSync(desk.at('disk.iso')).equals(contentOf(disk.seed, 0, disk.size))).toBe(true);
  const asked = ['eu.example.org', 'us.example.org'].map((host) => origins.get(host)?.requests.length ?? 0);
  expect(Math.min(...asked)).toBeGreaterThan(0);
});

test('a wrong checksum fails the mirrors of the README with the exit code that it names', async () => {
  const wrong = (commands[2] ?? '').replace('$SHA256', '0'.repeat(64)).replace(' get ', ' get -o other ');
  await expect(run(wrong)).rejects.toMatchObject({ code: 3 });
});

test('the pipe of the README counts the lines', async () => {
  const { stdout } = await run(commands[3] ?? '');
  expect(stdout.trim()).toBe('20000');
});

test('the HydraStream command of the README streams', async () => {
  await run(commands[4] ?? '');
  expect(readFileSync(desk.at('reads.fastq'), 'utf8')).toBe(reads);
});

test('the server of the README serves what its tasks were made of', async () => {
  const [serve = '', add = '', ls = ''] = (commands[5] ?? '').split('\n');
  const server = start('hydrant', serve.replace(/ *#.*/, '').split(' ').slice(1), { desk, env: { HYDRANT_BIND: '127.0.0.1:0' } });
  try {
    await expect.poll(() => server.stderr, { timeout: 10_000 }).toMatch(/^ {2}state .*\n/m);
    const url = /^hydrant serves (.*)$/m.exec(server.stderr)?.[1] ?? '';
    const { stdout: link } = await run(`export HYDRANT_SERVER=${url}; ${add}`);
    expect(link).toMatch(new RegExp(`^${url}stream/\\w+\n$`));
    expect(Buffer.from(await (await fetch(link.trim())).arrayBuffer()).equals(contentOf(film.seed, 0, film.size))).toBe(true);
    expect((await run(`export HYDRANT_SERVER=${url}; ${ls}`)).stdout).toContain(link.trim());
  } finally {
    server.kill('SIGTERM');
    await server.ended;
  }
});

test('the README has no command that is not run here', () => {
  expect(commands).toHaveLength(6);
  expect(blocks('js')).toHaveLength(1);
});

test('the README calls no command missing that the program has', () => {
  const [, missing = ''] = /^## What is not there yet\n([\s\S]*?)^## /m.exec(page) ?? [];
  expect(missing).not.toBe('');
  for (const [name] of commandLines) expect(missing).not.toContain(`\`${name}\``);
});

test('the library example of the README prints names and sizes in order', async () => {
  const [program = ''] = blocks('js');
  writeFileSync(desk.at('example.mjs'), local(program));
  const { stdout } = await run(`"${process.execPath}" example.mjs`);
  expect(stdout).toBe('a.csv 4\nb.csv 8\n');
});
