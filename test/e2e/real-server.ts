/** Servers that people run, each on a free port with a configuration of its own, stopped by its process id. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { installed } from './needs.ts';
import type { Desk } from './run.ts';

export type RealServerName = 'nginx' | 'apache2' | 'lighttpd';

/** What else a server is told: lines for its server block. */
export interface RealServerOptions {
  readonly top?: string;
  readonly lines?: string;
}

interface Site extends Required<RealServerOptions> {
  readonly port: number;
  readonly root: string;
  readonly folder: string;
}

const apacheModules = '/usr/lib/apache2/modules';
const lighttpdModules = '/usr/lib/lighttpd';

const configurations: Readonly<Record<RealServerName, (site: Site) => string>> = {
  nginx: ({ port, root, folder, top, lines }) => `
daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  default_type application/octet-stream; access_log off; ${top}
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; root ${root}; ${lines} }
}`,
  apache2: ({ port, root, folder, top, lines }) => `
ServerRoot ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
${['mpm_event', 'authz_core', 'mime', 'headers', 'deflate', 'filter', 'ratelimit', 'env', 'setenvif']
  .filter((name) => existsSync(`${apacheModules}/mod_${name}.so`))
  .map((name) => `LoadModule ${name}_module ${apacheModules}/mod_${name}.so`)
  .join('\n')}
TypesConfig /dev/null
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${top}
DocumentRoot ${root}
<Directory ${root}>
  Require all granted
  ${lines}
</Directory>`,
  lighttpd: ({ port, root, folder, top, lines }) => `
server.bind = "127.0.0.1"
server.port = ${port}
server.document-root = "${root}"
server.pid-file = "${folder}/pid"
server.errorlog = "${folder}/error.log"
server.upload-dirs = ( "${folder}" )
mimetype.assign = ( ".bin" => "application/octet-stream", ".txt" => "text/plain" )
${top}
${lines}`,
};

const commands: Readonly<Record<RealServerName, (config: string) => readonly string[]>> = {
  nginx: (config) => ['-c', config, '-e', `${config}.log`],
  apache2: (config) => ['-f', config, '-DFOREGROUND'],
  lighttpd: (config) => ['-D', '-f', config, '-m', lighttpdModules],
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('close', () => socket.destroy());
    socket.on('connect', () => socket.end());
  });

/** A running server. Start it with `startRealServer`. */
export interface RealServer extends AsyncDisposable {
  url(path: string): string;
}

/** Starts `name` on `root`; resolves once it listens. */
export const startRealServer = async (
  name: RealServerName,
  desk: Desk,
  root: string,
  options: RealServerOptions = {},
): Promise<RealServer> => {
  const program = installed(name);
  if (program === undefined) throw new Error(`${name} is not installed`);
  const port = await freePort();
  const folder = desk.at(`${name}-${port}`);
  mkdirSync(folder);
  const config = `${folder}/${name}.conf`;
  writeFileSync(config, configurations[name]({ port, root, folder, top: options.top ?? '', lines: options.lines ?? '' }));
  const child = spawn(program, commands[name](config), { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  for (let tries = 0; !(await listens(port)); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`${name} does not start: ${said}`);
    await setTimeout(25);
  }
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
};
