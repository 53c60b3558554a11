import { isIP, isIPv6 } from 'node:net';

import { HydrantError } from '../core/errors.ts';

/** Where to connect to for `host` (an IPv6 address without brackets) and `port` of a URL. */
export type MapHost = (host: string, port: number) => { readonly host: string; readonly port: number };

/** One `FROM=TO[:PORT]`. Without a port it holds for, or keeps, every port. */
export interface HostRule {
  /** Lower case; `*.example.org` stands for every name below example.org, `*` for every host. */
  readonly from: { readonly host: string; readonly port: number | undefined };
  readonly to: { readonly host: string; readonly port: number | undefined };
}

const name = /^(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/;

/** Splits `host`, `host:port`, `[v6]` or `[v6]:port`; undefined where `text` is none of them. */
const splitHost = (text: string): { host: string; port: number | undefined } | undefined => {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.toLowerCase());
  if (found === null) return undefined;
  const [, v6, plain, digits] = found;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  return plain === undefined ? undefined : { host: plain, port };
};

const validHost = (host: string): boolean => isIP(host) !== 0 || (name.test(host) && !/^[\d.]+$/.test(host));

const validPattern = (host: string): boolean => host === '*' || validHost(host.startsWith('*.') ? host.slice(2) : host);

/** Reads `FROM=TO[:PORT]`, FROM being `host`, `host:port`, `*.domain` or `*`; IPv6 addresses in brackets. Throws OPTION_INVALID. */
export const parseHostRule = (text: string): HostRule => {
  const refuse = (why: string): HydrantError =>
    new HydrantError('OPTION_INVALID', `--map "${text}": ${why}; it reads FROM=TO[:PORT], IPv6 addresses in brackets`);
  const equals = text.indexOf('=');
  if (equals < 0) throw refuse('there is no "="');
  const from = splitHost(text.slice(0, equals).trim());
  const to = splitHost(text.slice(equals + 1).trim());
  if (from === undefined || !validPattern(from.host)) throw refuse('what stands before "=" is no host');
  if (to === undefined || !validHost(to.host)) throw refuse('what stands after "=" is no host');
  return { from, to };
};

const matches = (pattern: string, host: string): boolean =>
  pattern === '*' || (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length : pattern === host);

/** The mapping that `rules` make together: the first that fits decides, as in curl's --connect-to. */
export const mapHosts =
  (rules: readonly HostRule[]): MapHost =>
  (host, port) => {
    const wanted = host.toLowerCase();
    const rule = rules.find(({ from }) => matches(from.host, wanted) && (from.port ?? port) === port);
    return rule === undefined ? { host, port } : { host: rule.to.host, port: rule.to.port ?? port };
  };
