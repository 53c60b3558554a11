// The programs that are measured: hydrant as built, and its peers where they are installed, each asked in its own best
// way for the same bytes. `fetch` answers the arguments that bring `urls`, mirrors of one file, to `path`; undefined
// where the program can't.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const all = [
  {
    name: 'hydrant',
    command: process.execPath,
    versionArguments: [main, '--version'],
    fetch: ({ urls, path, connections }) => [
      main,
      'get',
      '--quiet',
      ...(connections === undefined ? [] : ['-c', `${connections}`, '--per-origin', `${connections}`]),
      '-o',
      path,
      ...(urls.length > 1 ? ['-m'] : []),
      ...urls,
    ],
    stream: ({ url }) => [main, 'cat', '--quiet', url],
  },
  {
    name: 'aria2c',
    command: 'aria2c',
    versionArguments: ['--version'],
    fetch: ({ urls, path, connections = 16 }) => [
      '--no-conf',
      '--quiet',
      '--file-allocation=none',
      '--min-split-size=1M',
      `--split=${connections}`,
      `--max-connection-per-server=${connections}`,
      '--dir',
      dirname(path),
      '--out',
      basename(path),
      ...urls,
    ],
  },
  {
    name: 'axel',
    command: 'axel',
    versionArguments: ['--version'],
    fetch: ({ urls, path, connections = 16 }) => ['--quiet', `--num-connections=${connections}`, '--output', path, ...urls],
  },
  {
    name: 'curl',
    command: 'curl',
    versionArguments: ['--version'],
    // One connection to one source: the first, which every question makes the fastest.
    fetch: ({ urls: [url], path }) => ['--silent', '--show-error', '--fail', '--output', path, url],
    stream: ({ url }) => ['--silent', '--show-error', '--fail', url],
  },
];

/** Which programs are here, with their versions, and the names of those that aren't. */
export const installed = async () => {
  if (!existsSync(main)) throw new Error('the program is not built: npm run build');
  const present = [];
  const missing = [];
  for (const program of all) {
    try {
      const { stdout } = await promisify(execFile)(program.command, program.versionArguments);
      const [number] = /\d+(\.\d+)+/.exec(stdout) ?? ['?'];
      present.push({ ...program, version: `${program.name} ${number}` });
    } catch (error) {
      if (program.name === 'hydrant') throw error;
      missing.push(program.name);
    }
  }
  return { present, missing };
};
