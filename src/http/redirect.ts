import { HydrantError, redactUrl } from '../core/errors.ts';
import { decodeOctets } from './octets.ts';

type Headers = Readonly<Record<string, string>>;

/** What a request says on somebody's behalf; it goes to nobody else. */
const credentials = new Set(['authorization', 'cookie', 'cookie2', 'proxy-authorization']);

/** Names that carry a key by custom (X-Api-Key, Private-Token, X-Amz-Security-Token, …). */
const secretName = /(?:^|[-_])(?:auth|authentication|credentials?|jwt|key|password|secret|session|token)$/i;

const parse = (url: string, base?: string): URL | undefined => (URL.canParse(url, base) ? new URL(url, base) : undefined);

/** Whether `status` sends the client elsewhere (RFC 9110 §15.4); 300, 304, 305 and 306 do not. */
export const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

/** Scheme, host and port of an absolute URL, lower case and without the scheme's own port. Throws OPTION_INVALID. */
export const originOf = (url: string): string => {
  const parsed = parse(url);
  if (parsed === undefined) throw new HydrantError('OPTION_INVALID', `"${redactUrl(url)}" is not a URL`, { url });
  return parsed.origin;
};

/** `headers` less credentials, headers named like a key, and those named in `secret` (lower case). */
export const withoutCredentials = (headers: Headers, secret: ReadonlySet<string> = new Set()): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => {
      const key = name.toLowerCase();
      return !credentials.has(key) && !secret.has(key) && !secretName.test(key);
    }),
  );

/**
 * What of `headers`, which were meant for `first`, may be sent to `next`: all of it to the same origin; to another one
 * neither credentials nor a Host of the user's choice (RFC 9110 §15.4).
 */
export const headersFor = (next: URL, first: URL, headers: Headers, secret?: ReadonlySet<string>): Record<string, string> => {
  if (next.origin === first.origin) return { ...headers };
  return Object.fromEntries(Object.entries(withoutCredentials(headers, secret)).filter(([name]) => name.toLowerCase() !== 'host'));
};

/** Absolute URL that `location`, a Location field of an answer of `current`, leads to, without fragment. Throws SOURCE_REFUSED. */
export const nextLocation = (current: string, location: string): string => {
  const refused = (why: string): HydrantError =>
    new HydrantError('SOURCE_REFUSED', `the source redirects to "${redactUrl(location).slice(0, 200)}", ${why}`, {
      url: current,
      retry: 'never',
    });
  const next = parse(decodeOctets(location), current);
  if (next === undefined) throw refused('which is not a URL');
  if (next.protocol !== 'http:' && next.protocol !== 'https:') throw refused('which is neither http nor https');
  next.hash = '';
  return next.href;
};
