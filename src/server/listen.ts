import { lookup } from 'node:dns/promises';
import { createServer as createHttp, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';

import { HydrantError } from '../core/errors.ts';
import { type Bind, bindText } from './bind.ts';
import { clearSocketFile } from './socket-file.ts';
import { Sockets } from './sockets.ts';

/** How the server listens. Times in milliseconds. */
export interface ListenerOptions {
  readonly binds: readonly Bind[];
  /** Certificate chain and key (PEM): TLS on every port; socket files stay plain. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Connections at once over all that is listened on; 2000. */
  readonly connectionLimit?: number;
  /** How long a client may take to send the head of a request, from the connection on; 15 s. */
  readonly headTimeout?: number;
  /** How long it may take for head and body together; 60 s. */
  readonly requestTimeout?: number;
  /** How long a connection is kept for the next request; 65 s, a little more than proxies' usual 60. */
  readonly keepAlive?: number;
}

/** What listens. */
export interface Listening {
  /** Where, with the ports that the system chose for port 0. */
  readonly binds: readonly Bind[];
  /** Connections that are open. */
  readonly connections: number;
  /** Takes no more connections, lets running answers end for `grace` milliseconds and cuts what is left. */
  close(grace: number): Promise<void>;
}

const headLimit = 32_768;
const headTimeout = 15_000;
/** Connections that the system may hold ready: players and downloaders come in bursts. */
const backlog = 4_096;

/** Listens on all of `options.binds`, or on none. Throws OPTION_INVALID, in one line, for what cannot be listened on. */
export const listen = async (options: ListenerOptions, answer: RequestListener): Promise<Listening> => {
  const sockets = new Sockets(options.connectionLimit ?? 2000);
  const servers: Server[] = [];
  const binds: Bind[] = [];
  let stopping: Promise<unknown> | undefined;
  const stop = async (grace: number): Promise<void> => {
    stopping ??= Promise.all([...servers.map((server) => new Promise((done) => server.close(done))), sockets.close(grace)]);
    await stopping;
  };
  try {
    for (const bind of options.binds) {
      let opened: Bind | undefined;
      for (const target of await targetsOf(bind)) {
        const server = serverOf(options, target, sockets, answer);
        try {
          const port = await open(server, target, options.binds);
          servers.push(server);
          opened ??= bind.kind === 'tcp' ? { ...bind, port } : bind;
        } catch (error) {
          // A name may stand for addresses that this machine lacks: IPv6 is often named and off.
          const spare = opened !== undefined && (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
          if (!spare) throw refusal(error as NodeJS.ErrnoException, bind);
        }
      }
      if (opened !== undefined) binds.push(opened);
    }
  } catch (error) {
    await stop(0);
    throw error;
  }
  return {
    binds,
    get connections() {
      return sockets.count;
    },
    close: stop,
  };
};

/** The addresses that `bind` stands for: a name may have several. */
const targetsOf = async (bind: Bind): Promise<readonly Bind[]> => {
  if (bind.kind === 'unix') {
    await clearSocketFile(bind.path);
    return [bind];
  }
  try {
    const found = await lookup(bind.host, { all: true });
    const addresses = [...new Set(found.map(({ address }) => address))];
    // The system chooses one port per address where it may choose: a name then stands for the first of them.
    const wanted = bind.port === 0 ? addresses.slice(0, 1) : addresses;
    return wanted.map((host) => (host === bind.host ? bind : { ...bind, host }));
  } catch (error) {
    throw refusal(error as NodeJS.ErrnoException, bind);
  }
};

const serverOf = (options: ListenerOptions, target: Bind, sockets: Sockets, answer: RequestListener): Server => {
  const head = options.headTimeout ?? headTimeout;
  const settings: ServerOptions = {
    maxHeaderSize: headLimit,
    headersTimeout: head,
    requestTimeout: Math.max(head, options.requestTimeout ?? 60_000),
    keepAliveTimeout: options.keepAlive ?? 65_000,
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(head / 3)),
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  };
  const tls = target.kind === 'tcp' ? options.tls : undefined;
  if (tls === undefined) return sockets.watch(createHttp(settings), 'connection', answer);
  try {
    const server = createHttps({ ...settings, ...tls, handshakeTimeout: head, ALPNProtocols: ['http/1.1'] });
    return sockets.watch(server, 'secureConnection', answer);
  } catch (error) {
    throw new HydrantError('OPTION_INVALID', `--tls-cert and --tls-key do not fit: ${(error as Error).message}`, { cause: error });
  }
};

/** Resolves with the port, 0 for a socket file; rejects with the system's error. */
const open = (server: Server, target: Bind, all: readonly Bind[]): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      // What fails later (a socket that cannot be accepted: too many open files) concerns that one connection.
      server.on('error', () => undefined);
      resolve(target.kind === 'unix' ? 0 : (server.address() as AddressInfo).port);
    });
    if (target.kind === 'tcp') server.listen(placeOf(target, all));
    else withMask(0o177, () => server.listen({ path: target.path, backlog }));
  });

/** Where both any IPv4 and any IPv6 address are asked for, the latter must leave the former alone. */
const placeOf = ({ host, port }: Extract<Bind, { kind: 'tcp' }>, all: readonly Bind[]): ListenOptions => ({
  host,
  port,
  backlog,
  ipv6Only: all.some((other) => other.kind === 'tcp' && other.host === '0.0.0.0' && other.port === port),
});

/** A socket file is made while `listen` runs; with the mask it is its owner's alone from the first instant. */
const withMask = (mask: number, make: () => void): void => {
  const before = process.umask(mask);
  try {
    make();
  } finally {
    process.umask(before);
  }
};

const refusal = (error: NodeJS.ErrnoException, bind: Bind): HydrantError => {
  if (error instanceof HydrantError) return error;
  return new HydrantError('OPTION_INVALID', `--bind ${bindText(bind)}: ${reasonOf(error, bind)}`, { cause: error });
};

const reasonOf = (error: NodeJS.ErrnoException, bind: Bind): string => {
  switch (error.code) {
    case 'EADDRINUSE':
      return bind.kind === 'unix' ? 'the socket file is in use' : 'the port is in use, perhaps by another hydrant; --bind takes another';
    case 'EACCES':
    case 'EPERM':
      return bind.kind === 'unix' ? 'the folder may not be written to' : 'not permitted; ports from 1024 on are open to everybody';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    case 'EAFNOSUPPORT':
      return 'this machine has no such kind of address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host';
    case 'ENOENT':
      return 'the folder of the socket file is not there';
    default:
      return error.message;
  }
};
