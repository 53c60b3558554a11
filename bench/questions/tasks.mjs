import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { median } from '../measure.mjs';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const count = 10_000;
const bars = { start: 2000, page: 100, peak: 250 };

/** Starts a server that keeps its things in `folder`; `started`: milliseconds until it answers. */
const serve = async (folder) => {
  const began = performance.now();
  const places = ['--bind', '127.0.0.1:0', '--state-file', join(folder, 'tasks.json'), '--cache-dir', join(folder, 'cache')];
  const child = spawn(process.execPath, [main, 'serve', ...places], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8');
  for await (const text of child.stderr.iterator({ destroyOnReturn: false })) {
    said += text;
    if (/^hydrant serves .*\n/m.test(said)) break;
  }
  child.stderr.resume();
  const url = /^hydrant serves (.*)$/m.exec(said)?.[1];
  await fetch(`${url}healthz`);
  const started = performance.now() - began;
  const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
  const close = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, started, peak, close };
};

const fill = async (url) => {
  const tasks = Array.from({ length: count }, (_, task) => ({
    urls: [`https://a${task % 50}.example/films/${task}.mkv`, `https://b.example/films/${task}.mkv`],
    name: `film number ${task}`,
    cache: true,
  }));
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}api/tasks/import`, { method: 'POST', headers, body: JSON.stringify(tasks) });
  if (!answer.ok) throw new Error(await answer.text());
};

/** Milliseconds for each of the first pages. */
const pages = async (url) => {
  const times = [];
  for (let cursor = '', page = 0; page < 20; page++) {
    const asked = performance.now();
    const found = await (await fetch(`${url}api/tasks?limit=100${cursor}`)).json();
    times.push(performance.now() - asked);
    cursor = `&cursor=${encodeURIComponent(found.next_cursor)}`;
  }
  return times;
};

export const question = {
  title: 'What do ten thousand tasks cost the server?',
  ask: async ({ rounds, say }) => {
    const folder = mkdtempSync(join(tmpdir(), 'hydrant-bench-'));
    const runs = { none: [], all: [] };
    const round = async (name) => {
      const server = await serve(folder);
      runs[name].push({ start: server.started, page: name === 'all' ? median(await pages(server.url)) : 0, peak: server.peak() });
      await server.close();
      say(`${name === 'all' ? count : 'no'} tasks: start ${runs[name].at(-1).start.toFixed(0)} ms`);
    };
    try {
      for (let turn = 0; turn < rounds; turn++) await round('none');
      const server = await serve(folder);
      await fill(server.url);
      await server.close();
      for (let turn = 0; turn < rounds; turn++) await round('all');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const of = (name, what) => median(runs[name].map((run) => run[what]));
    const row = (label, name) => [
      label,
      of(name, 'start').toFixed(0),
      name === 'all' ? of(name, 'page').toFixed(0) : '',
      of(name, 'peak').toFixed(0),
    ];
    return {
      intro: `\`hydrant serve\` with ${count} tasks of two URLs each; the bars are ${bars.start} ms, ${bars.page} ms and ${bars.peak} MiB.`,
      columns: ['', 'start, ms', 'page of 100, ms', 'peak RSS, MiB'],
      rows: [row('no tasks', 'none'), row(`${count} tasks`, 'all')],
      missed: Object.entries(bars).flatMap(([what, bar]) => {
        const value = of('all', what);
        return value > bar ? [`${what}: ${value.toFixed(0)}, the bar is ${bar}`] : [];
      }),
    };
  },
};
