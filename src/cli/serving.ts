import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';
import { bindText, parseBind } from '../server/bind.ts';
import { parseAllowedHost, parseOrigin, parsePublicUrl } from '../server/public-url.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { cacheFolder, stateFolder } from './places.ts';
import { settingsOf } from './transfer-settings.ts';
import { version } from './version.ts';

/** What `options` ask the server to be, which tells `note` what goes wrong. Throws OPTION_INVALID. */
export const serverOptions = async (options: Options, note: (message: string) => void): Promise<ServerOptions> => {
  if (options.bind.length === 0) throw invalid('--bind', 'needs ADDR:PORT');
  const home = homedir();
  return {
    binds: options.bind.map(parseBind),
    tls: await tlsOf(options),
    token: options.token,
    tokenFile: options.tokenFile,
    auth: options.auth,
    allowHosts: options.allowHost.map(parseAllowedHost),
    allowOrigins: options.allowOrigin.map(parseOrigin),
    upstreamPolicy: options.upstreamPolicy,
    publicUrl: options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl),
    stateFile: resolve(options.stateFile ?? `${stateFolder(process.env, home)}/tasks.json`),
    cacheDir: resolve(options.cacheDir ?? cacheFolder(process.env, home)),
    cacheSize: options.cacheSize,
    filesDir: options.filesDir === undefined ? undefined : resolve(options.filesDir),
    transfer: settingsOf(options),
    version: version(),
    note,
  };
};

const tlsOf = async ({ tlsCert, tlsKey }: Options): Promise<ServerOptions['tls']> => {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw invalid('--tls-cert', 'and --tls-key belong together');
  const [cert, key] = await Promise.all([pem(tlsCert, '--tls-cert'), pem(tlsKey, '--tls-key')]);
  return { cert, key };
};

const pem = async (path: string, flag: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(flag, `cannot be read: ${(error as Error).message}`);
  }
};

/** What is said when the server runs. */
export const banner = ({ url, binds, access, tasks }: RunningServer, asked: ServerOptions & Pick<Options, 'quiet'>): string => {
  const lines: string[] = [];
  const say = (name: string, text: string): number => lines.push(`  ${name.padEnd(8)}${text}`);
  if (!asked.quiet) {
    lines.push(`hydrant serves ${asked.publicUrl === undefined ? url : `${asked.publicUrl.href}/`}`);
    say('listens', binds.map(bindText).join(', '));
    say('cache', asked.cacheDir);
    say('state', asked.stateFile + (tasks > 0 ? `, ${tasks === 1 ? 'one task' : `${tasks} tasks`}` : ''));
  }
  // It is not said again, so that not even those who want to hear nothing may miss it.
  if (access.made) say('token', `${access.token} (kept in ${access.tokenPath}, and shown this once)`);
  else if (!asked.quiet && access.tokenPath !== undefined) say('token', `the one in ${access.tokenPath}`);
  if (access.token === undefined && !access.local) say('warning', 'whoever reaches this server may use it (--no-auth)');
  return lines.map((line) => `${line}\n`).join('');
};
