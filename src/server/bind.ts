import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

import { HydrantError } from '../core/errors.ts';

/** Where the server listens: a port of a host (IPv6 without brackets), or a socket file. */
export type Bind =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** What the kernel takes as the name of a socket file, in bytes; longer ones would be cut off silently. */
const longestPath = process.platform === 'linux' ? 107 : 103;

const hostName = /^(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i;

/** Reads `ADDR:PORT`, `name:PORT`, `[v6]:PORT` or `unix:PATH`. Throws OPTION_INVALID. */
export const parseBind = (text: string): Bind => {
  const refuse = (why: string): HydrantError => new HydrantError('OPTION_INVALID', `--bind ${JSON.stringify(text)}: ${why}`);
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (path === '' || path.includes('\0')) throw refuse('unix: needs the path of a socket file');
    if (Buffer.byteLength(path) > longestPath) throw refuse(`the path of a socket file has at most ${longestPath} bytes`);
    return { kind: 'unix', path };
  }
  const [, v6, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? plain;
  if (host === undefined || digits === undefined) {
    if (/^\d{1,5}$/.test(text)) throw refuse(`write 127.0.0.1:${text}, or 0.0.0.0:${text} for every address of this machine`);
    throw refuse('it reads ADDR:PORT or unix:PATH, IPv6 addresses in brackets');
  }
  const port = Number(digits);
  if (port > 65_535) throw refuse('ports end at 65535');
  const known = v6 === undefined ? isIP(host) === 4 || (hostName.test(host) && !/^[\d.]+$/.test(host)) : isIP(v6) === 6;
  if (!known)
    throw refuse(host === '' ? 'what stands before the port is missing: 127.0.0.1, or 0.0.0.0 for every address' : 'there is no such host');
  return { kind: 'tcp', host, port };
};

/** `bind` as it is written. */
export const bindText = (bind: Bind): string => (bind.kind === 'unix' ? `unix:${bind.path}` : `${bracketed(bind.host)}:${bind.port}`);

/** `host` as URLs write it. */
export const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** Whether only this machine reaches what listens there. */
export const isLocal = (bind: Bind): boolean => bind.kind === 'unix' || isLoopback(bind.host);

/** Whether `host`, a name or an address without brackets, is this machine for itself. */
export const isLoopback = (host: string): boolean =>
  isIP(host) === 0 ? /^(?:.+\.)?localhost\.?$/i.test(host) : ipaddr.process(host).range() === 'loopback';
