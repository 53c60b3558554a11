// The proxies that are measured, each in front of one origin: hydrant as built, and its peers where they are installed.
// `start(origin)` resolves with `{ urlOf(path), close() }`; `urlOf` may be asked for any path of the origin, and makes
// whatever the proxy needs for it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

const answers = async (url) => {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; ) {
    try {
      return await fetch(url, { method: 'HEAD' });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`${url} does not answer`);
};

const run = async (command, args, folder, url) => {
  const child = spawn(command, args, { stdio: 'ignore' });
  const close = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(url);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
};

/** Tasks for a server that speaks the ancestor's API, 16 connections each. */
const tasksAt = (base) => async (url) => {
  const body = JSON.stringify({ url, cache: true, max_threads: 16, max_per_volume: 16 });
  const answer = await fetch(`${base}/api/tasks`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  if (!answer.ok) throw new Error(`${base} made no task: ${await answer.text()}`);
  return `${base}/stream/${(await answer.json()).task_id}`;
};

const startHydrant = async (origin) => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-serve-'));
  const base = `http://127.0.0.1:${await freePort()}`;
  const places = ['--cache-dir', join(folder, 'cache'), '--state-file', join(folder, 'tasks.json')];
  const { close } = await run(
    process.execPath,
    [main, 'serve', '--bind', base.slice('http://'.length), ...places],
    folder,
    `${base}/healthz`,
  );
  const urlOf = tasksAt(base);
  return { urlOf: (path) => urlOf(origin.url(path)), close };
};

const startHydraria = async (origin) => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-hydraria-'));
  const base = `http://127.0.0.1:${await freePort()}`;
  const places = ['--cache-dir', join(folder, 'cache'), '--state-file', join(folder, 'tasks.json')];
  const { close } = await run('hydraria', ['--bind', base.slice('http://'.length), ...places], folder, `${base}/healthz`);
  const urlOf = tasksAt(base);
  return { urlOf: (path) => urlOf(origin.url(path)), close };
};

const startNginx = (location) => async (origin) => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-nginx-'));
  const port = await freePort();
  const upstream = new URL(origin.url('/')).host;
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 1024; }
    http {
      access_log off;
      proxy_cache_path ${folder}/cache keys_zone=all:10m max_size=4g inactive=1h;
      client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://${upstream}; proxy_http_version 1.1; proxy_set_header Connection ""; ${location} }
      }
    }`;
  await writeFile(join(folder, 'conf'), config);
  // Its worker runs as another user where this is run as root, and has to get in.
  execFileSync('chmod', ['-R', 'a+rwX', folder]);
  const args = ['-p', folder, '-c', join(folder, 'conf'), '-e', join(folder, 'error.log')];
  const { close } = await run('nginx', args, folder, `http://127.0.0.1:${port}/`);
  return { urlOf: async (path) => `http://127.0.0.1:${port}${path}`, close };
};

const slice =
  'slice 1m; proxy_cache all; proxy_cache_key $uri$is_args$args$slice_range; proxy_set_header Range $slice_range; proxy_cache_valid 200 206 1h;';

const all = [
  { name: 'hydrant serve', command: process.execPath, probe: [main, '--version'], start: startHydrant },
  { name: 'nginx proxy_pass', command: 'nginx', probe: ['-v'], start: startNginx('proxy_buffering on;') },
  { name: 'nginx slice', command: 'nginx', probe: ['-v'], start: startNginx(slice) },
  { name: 'hydraria', command: 'hydraria', probe: ['--version'], start: startHydraria },
];

/** The proxies that are here, and the names of those that are not. */
export const proxies = () => {
  const present = [];
  const missing = [];
  for (const proxy of all) {
    try {
      execFileSync(proxy.command, proxy.probe, { stdio: 'ignore' });
      present.push(proxy);
    } catch {
      missing.push(proxy.name);
    }
  }
  return { present, missing };
};
