import { isIP, isIPv6 } from 'node:net';

import type { HostMapping } from './task-config.ts';

const label = /^(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** `host` in lower case, without the brackets of IPv6 and the dot of the root. */
export const plainHost = (host: string): string =>
  host
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

const isHost = (host: string): boolean => isIP(host) !== 0 || (host.length <= 253 && label.test(host) && !/^[\d.]+$/.test(host));

const portOf = (digits: string): number | undefined => {
  const port = Number(digits);
  return /^\d{1,5}$/.test(digits) && port >= 1 && port <= 65_535 ? port : undefined;
};

/** Host and port in `IP`, `IP:port`, `[v6]:port`, `host` or `host:port`; undefined where `text` is none of them. */
export const mappingTarget = (text: string): { readonly host: string; readonly port: number | undefined } | undefined => {
  const target = text.trim();
  if (isIPv6(target)) return { host: target.toLowerCase(), port: undefined };
  const [, host = '', digits] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(target) ?? [];
  const plain = plainHost(host);
  const bracketed = host.startsWith('[');
  if (bracketed ? !isIPv6(plain) : !isHost(plain)) return undefined;
  const port = digits === undefined ? undefined : portOf(digits);
  return digits !== undefined && port === undefined ? undefined : { host: plain, port };
};

const isPattern = (from: string): boolean => isHost(from.startsWith('*.') ? from.slice(2) : from);

/** Whether nobody has begun to fill `mapping` in. */
export const isBlankMapping = ({ from, to }: HostMapping): boolean => from.trim() === '' && to.trim() === '';

/** Why `mapping` can't be; undefined where it can. */
export const mappingTrouble = ({ from, to }: HostMapping): string | undefined => {
  const of = `host mapping ${JSON.stringify(from.trim())} to ${JSON.stringify(to.trim())}`;
  if (!isPattern(plainHost(from))) {
    return `${of}: what it maps must be a bare host, an IP address or *.domain, without scheme, port or path`;
  }
  if (mappingTarget(to) !== undefined) return undefined;
  return `${of}: where it leads must be a bare host or IP address, with a port if need be, without scheme or path`;
};

/** Rules that hold for a task: the global ones it does not redefine, then its own; a later one replaces an earlier. */
export const effectiveMappings = (global: readonly HostMapping[], own: readonly HostMapping[]): readonly HostMapping[] => {
  const rules = new Map<string, HostMapping>();
  for (const rule of [...global, ...own]) {
    if (!rule.enabled || isBlankMapping(rule) || mappingTrouble(rule) !== undefined) continue;
    rules.set(plainHost(rule.from), rule);
  }
  return [...rules.values()];
};

/** The rule for `host`: one that names it, else that with the longest `*.domain` above it. */
export const mappingFor = (host: string, rules: readonly HostMapping[]): HostMapping | undefined => {
  const wanted = plainHost(host);
  let best: HostMapping | undefined;
  let longest = -1;
  for (const rule of rules) {
    const from = plainHost(rule.from);
    if (from === wanted) return rule;
    if (from.startsWith('*.') && wanted.endsWith(from.slice(1)) && wanted.length >= from.length && from.length > longest) {
      best = rule;
      longest = from.length;
    }
  }
  return best;
};

/** `text` as the setting `dns` is kept: `tls://IP[:port]`, or null for the system's resolver; undefined where it is neither. */
export const dnsSetting = (text: string | null): string | null | undefined => {
  const plain = text?.trim().toLowerCase() ?? '';
  if (plain === '' || plain === 'system') return null;
  const target = mappingTarget(plain.replace(/^(?:tls|dot):\/\//, ''));
  if (target === undefined || isIP(target.host) === 0) return undefined;
  const host = isIPv6(target.host) ? `[${target.host}]` : target.host;
  return target.port === undefined || target.port === 853 ? `tls://${host}` : `tls://${host}:${target.port}`;
};
