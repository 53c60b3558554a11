import { parseHost, type RequestHost } from './request-host.ts';

/** The parts of the server: `open` and `login` need no token; `data` needs none either, and other sites may show what is there. */
export type Room = 'open' | 'login' | 'page' | 'control' | 'data' | 'fetch';

/** What a browser says of where a request comes from. */
export interface Provenance {
  readonly method: string;
  readonly room: Room;
  readonly host: RequestHost;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site and Sec-Fetch-Mode: no page can set them. */
  readonly site: string | undefined;
  readonly mode: string | undefined;
}

/** `own`: no other site's doing; `allowed`: that of an origin which may; `foreign`: of one that gets to read nothing; else refused. */
export type Verdict = 'own' | 'allowed' | 'foreign' | 'refused';

/** Judges requests of pages. `allowed`: origins that may do everything; `own`: origins under which the server is known. */
export const siteCheck = (allowed: readonly string[], own: readonly string[]): ((asked: Provenance) => Verdict) => {
  const guests = new Set(allowed);
  const selves = new Set(own);
  return ({ method, room, host, origin, site, mode }) => {
    if (origin !== undefined && guests.has(origin)) return 'allowed';
    const sameSite = site === undefined || site === 'same-origin' || site === 'none';
    const sameOrigin = origin === undefined || selves.has(origin) || isSame(origin, host);
    if (sameSite && sameOrigin) return 'own';
    const reads = method === 'GET' || method === 'HEAD';
    if (room === 'open' || (room === 'data' && reads)) return 'foreign';
    // A link on another site may lead to the page; what it leads to changes nothing, and that site reads nothing of it.
    if (reads && room !== 'fetch' && origin === undefined && mode === 'navigate') return 'own';
    return 'refused';
  };
};

/** Whether `origin` is the one that `host` makes; behind a proxy that speaks TLS the scheme is not known. */
const isSame = (origin: string, host: RequestHost): boolean => {
  const [, scheme, authority] = /^(https?):\/\/([^/]+)$/.exec(origin) ?? [];
  const from = parseHost(authority);
  if (from === undefined) return false;
  const usual = scheme === 'https' ? 443 : 80;
  return from.name === host.name && (from.port ?? usual) === (host.port ?? usual);
};
