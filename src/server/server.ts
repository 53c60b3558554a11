import type { TransferOptions } from '../core/transfer-options.ts';
import type { AddressPolicy } from '../transport/address-policy.ts';
import { type Access, accessOf } from './access.ts';
import { type Bind, bracketed, isLoopback } from './bind.ts';
import { type Listening, listen } from './listen.ts';
import type { PublicUrl } from './public-url.ts';
import { type Rooms, routerOf } from './router.ts';
import { Security } from './security.ts';

/** What a server is made with. Times in milliseconds. */
export interface ServerOptions {
  readonly binds: readonly Bind[];
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** False: nobody needs a token, wherever the server listens. */
  readonly auth: boolean;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  readonly upstreamPolicy: AddressPolicy | undefined;
  readonly publicUrl: PublicUrl | undefined;
  readonly stateFile: string;
  readonly cacheDir: string;
  /** Undefined: as much as is reasonable on the disk. */
  readonly cacheSize: number | undefined;
  readonly filesDir: string | undefined;
  /** What tasks begin with; its `limit` holds for all of them together. */
  readonly transfer: TransferOptions;
  /** hydrant's own. */
  readonly version: string;
  /** Is told what went wrong where nobody asked. */
  readonly note: (message: string) => void;
}

/** What the parts of a server are opened with. */
export interface PartsOptions
  extends Pick<ServerOptions, 'stateFile' | 'cacheDir' | 'cacheSize' | 'filesDir' | 'transfer' | 'publicUrl' | 'version' | 'note'> {
  readonly policy: AddressPolicy;
  /** Whether only this machine reaches the server: links may then be short enough to be guessed. */
  readonly local: boolean;
}

/** The parts of a server behind its door. */
export interface Parts extends Rooms {
  /** Tasks there are. */
  readonly tasks: number;
  /** No new work from now on: event streams end, fills stop. Streams that run go on. */
  stop(): void;
  /** Ends what is left and saves. */
  close(): Promise<void>;
}

/** Opens the parts, the state first. */
export type OpenParts = (options: PartsOptions) => Promise<Parts>;

/** A server that listens. */
export interface RunningServer {
  /** Where, with the ports that the system chose. */
  readonly binds: readonly Bind[];
  /** Where people on this machine find it; `unix:PATH` where there is nothing but a socket file. */
  readonly url: string;
  readonly access: Access;
  readonly tasks: number;
  /** Takes no more connections, lets streams end for `grace` milliseconds, cuts what is left, and saves. */
  close(grace: number): Promise<void>;
}

/** Starts a server. Throws OPTION_INVALID, STORE_FAILED or DISK_FULL, and nothing runs then. */
export const startServer = async (options: ServerOptions, open: OpenParts): Promise<RunningServer> => {
  const access = await accessOf(options);
  const { publicUrl, tls } = options;
  const base = publicUrl?.base ?? '';
  const security = new Security({
    hosts: [...options.allowHosts, ...namesOf(options)],
    ownOrigins: publicUrl === undefined ? [] : [publicUrl.origin],
    origins: options.allowOrigins,
    token: access.token,
    base,
  });
  const secure = tls !== undefined || publicUrl?.origin.startsWith('https:') === true;
  const parts = await open({ ...options, policy: access.policy, local: access.local });
  let closing: Promise<void> | undefined;
  try {
    const router = routerOf(parts, { security, token: access.token, base, secure });
    const listening = await listen({ binds: options.binds, tls }, router);
    return {
      binds: listening.binds,
      url: urlOf(listening.binds, tls !== undefined),
      access,
      get tasks() {
        return parts.tasks;
      },
      close: (grace) => {
        closing ??= end(parts, listening, grace);
        return closing;
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
};

const end = async (parts: Parts, listening: Listening, grace: number): Promise<void> => {
  parts.stop();
  await listening.close(grace);
  await parts.close();
};

/** Names that requests may have for their host because the operator said them. */
const namesOf = ({ binds, publicUrl }: ServerOptions): readonly string[] => [
  ...binds.flatMap((bind) => (bind.kind === 'tcp' ? [bind.host] : [])),
  ...(publicUrl === undefined ? [] : [publicUrl.host]),
];

const urlOf = (binds: readonly Bind[], tls: boolean): string => {
  const ports = binds.flatMap((bind) => (bind.kind === 'tcp' ? [bind] : []));
  const best = ports.find(({ host }) => isLoopback(host)) ?? ports[0];
  if (best === undefined) return binds.flatMap((bind) => (bind.kind === 'unix' ? [`unix:${bind.path}`] : []))[0] ?? '';
  const any: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return `${tls ? 'https' : 'http'}://${bracketed(any[best.host] ?? best.host)}:${best.port}/`;
};
