import { connect as connectTcp, isIP, type LookupFunction, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { checkServerIdentity, connect as connectTls } from 'node:tls';

import { HydrantError } from '../core/errors.ts';
import { type AddressPolicy, forbidden, isPublic, publicLookup } from './address-policy.ts';
import { failureOf, placeOf } from './failure.ts';
import type { MapHost } from './hosts.ts';

/** How connections are made. Times in milliseconds. */
export interface DialOptions {
  /** For name, TCP and TLS together; 10 s. */
  readonly connectTimeout?: number;
  /** Certificates (PEM) of the authorities to trust instead of the usual ones. */
  readonly ca?: string | readonly string[];
  /** Accept any certificate. */
  readonly insecure?: boolean;
  /** Only IPv4 or only IPv6; both are tried otherwise. */
  readonly family?: 4 | 6;
  /** Local address, or name of the interface, to connect from. */
  readonly localAddress?: string;
  /** Resolves names in place of the system. */
  readonly lookup?: LookupFunction;
  /** Where to connect to for a host and port of a URL; the name in TLS and in the Host field stays the URL's. */
  readonly map?: MapHost;
  /** Which addresses may be connected to, however a URL, a mapping or a name leads there; any. */
  readonly policy?: AddressPolicy;
}

/** Connects to the origin of a URL. `done` is called once, with a HydrantError or a socket that is ready to write to. */
export type Dial = (url: URL, done: (error: HydrantError | null, socket: Socket | null) => void) => Socket;

/** A second address is tried after this long; Node's own 250 ms gives up on hosts that are far away. */
const attemptTimeout = 500;

const sessionLimit = 100;

/** The address of the interface `name`, or `name` itself where it is an address. Throws OPTION_INVALID. */
export const localAddressOf = (name: string, family?: 4 | 6): string => {
  if (isIP(name) !== 0) return name;
  const addresses = networkInterfaces()[name] ?? [];
  const wanted = family === undefined ? ['IPv4', 'IPv6'] : [`IPv${family}`];
  for (const kind of wanted) {
    const found = addresses.find((entry) => entry.family === kind && !entry.address.startsWith('fe80:'));
    if (found !== undefined) return found.address;
  }
  const why = addresses.length === 0 ? 'no such interface' : `no IPv${family ?? '4 or IPv6'} address on it`;
  throw new HydrantError('OPTION_INVALID', `cannot connect from "${name}": ${why}`);
};

/** Makes connections as `options` say. Throws OPTION_INVALID for a local address that is not there. */
export const dialer = (options: DialOptions = {}): Dial => {
  const timeout = options.connectTimeout ?? 10_000;
  const sessions = new Map<string, Buffer>();
  const localAddress = options.localAddress === undefined ? undefined : localAddressOf(options.localAddress, options.family);
  const family = options.family ?? (localAddress === undefined ? undefined : (isIP(localAddress) as 4 | 6));
  const guarded = options.policy === 'public';
  const lookup = guarded ? publicLookup(options.lookup) : options.lookup;
  const common = {
    highWaterMark: 65_536,
    autoSelectFamily: family === undefined,
    autoSelectFamilyAttemptTimeout: attemptTimeout,
    ...(family === undefined ? {} : { family }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(lookup === undefined ? {} : { lookup }),
  };
  const secure = {
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: options.insecure !== true,
    ...(options.ca === undefined ? {} : { ca: typeof options.ca === 'string' ? options.ca : [...options.ca] }),
  };

  const openTls = (url: URL, hostname: string, target: { host: string; port: number }): Socket => {
    const session = sessions.get(url.origin);
    const socket = connectTls({
      ...common,
      ...secure,
      ...target,
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
      ...(session === undefined ? {} : { session }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(hostname, certificate),
    });
    return socket.on('session', (fresh: Buffer) => {
      const oldest = sessions.size < sessionLimit ? undefined : sessions.keys().next().value;
      if (oldest !== undefined) sessions.delete(oldest);
      sessions.set(url.origin, fresh);
    });
  };

  return (url, done) => {
    const tls = url.protocol === 'https:';
    const place = placeOf(url);
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const asked = { host: hostname, port: Number(url.port) || (tls ? 443 : 80) };
    const target = options.map?.(asked.host, asked.port) ?? asked;
    // An address is looked up nowhere, so that no lookup can refuse it.
    const refused = guarded && isIP(target.host) !== 0 && !isPublic(target.host);
    const socket = refused ? new Socket() : tls ? openTls(url, hostname, target) : connectTcp({ ...common, ...target });
    let settled = false;
    const settle = (error: HydrantError | null): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      if (error === null) done(null, socket);
      else done(error, null);
    };
    const timer = setTimeout(() => {
      const text = `no connection to ${place.host} within ${timeout / 1000} s (--connect-timeout)`;
      socket.destroy(new HydrantError('SOURCE_UNREACHABLE', text, { url: place.url }));
    }, timeout);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    socket.once(tls ? 'secureConnect' : 'connect', () => settle(null));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // undici takes ECONNRESET for the proper end of a body that is framed by the connection's close, and asserts where it is paused.
      if (error.code === 'ECONNRESET') error.code = 'SOCKET_RESET';
      settle(failureOf(error, place, 'connect'));
    });
    socket.once('close', () => settle(new HydrantError('STOPPED', `no longer connecting to ${place.host}`, { url: place.url })));
    if (refused) socket.destroy(forbidden(hostname, target.host, place.url));
    return socket;
  };
};
