// An origin that is as fast as the machine lets it be: nginx where it is installed, otherwise our own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { contentOf, startOriginProcess } from '../dist/testing.js';

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

const nginxIsHere = () => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const answers = async (url) => {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
    try {
      return await fetch(url, { method: 'HEAD' });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error('nginx does not answer');
};

const startNginx = async (size) => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-bench-nginx-'));
  const port = await freePort();
  const out = createWriteStream(join(folder, 'file'));
  const block = 2 ** 22;
  for (let offset = 0; offset < size; offset += block) {
    if (!out.write(contentOf(11, offset, Math.min(size, offset + block)))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  const config = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
      client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port}; root ${folder}; }
    }`;
  await writeFile(join(folder, 'conf'), config);
  // Its worker runs as another user where this is run as root, and has to get in.
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'conf'), '-e', join(folder, 'error.log')], { stdio: 'ignore' });
  const close = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/file`;
  try {
    await answers(url);
  } catch (error) {
    await close();
    throw error;
  }
  return { name: 'nginx', url, close };
};

const startOurs = async (size) => {
  const origin = await startOriginProcess({ files: { '/file': { size, seed: 11 } } });
  return { name: 'the test origin (nginx is not installed)', url: origin.url('/file'), close: () => origin.close() };
};

/** Serves `size` made-up bytes: `{ name, url, close }`. */
export const startFastOrigin = (size) => (nginxIsHere() ? startNginx(size) : startOurs(size));
