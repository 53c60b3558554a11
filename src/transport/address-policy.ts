import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

import { HydrantError } from '../core/errors.ts';

/** Which addresses sources may have: any, or only those of the public Internet. */
export type AddressPolicy = 'any' | 'public';

/** Global unicast is given out of 2000::/3 alone (RFC 4291 §2.4); what else looks ordinary is somebody's own. */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** Forms of IPv6 that lead to the IPv4 address in them: first byte of that address. */
const embeddings: readonly (readonly [ipaddr.IPv6, number, number])[] = [
  [ipaddr.IPv6.parse('64:ff9b::'), 96, 12],
  [ipaddr.IPv6.parse('2002::'), 16, 2],
];

/**
 * Whether `address` belongs to the public Internet: not to this machine, a private or local network, a carrier's inner
 * one, a multicast group or a range set aside. An address that holds another is judged by that one too. Any text is taken.
 */
export const isPublic = (address: string): boolean => {
  // `::8.8.8.8` (RFC 4291 §2.5.5.1) leads nowhere any more; the parser would take it for a mapped address.
  if (isIP(address) === 0 || /^::\d+\./.test(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.range() === 'unicast' : isPublicV6(parsed as ipaddr.IPv6);
};

const isPublicV6 = (address: ipaddr.IPv6): boolean => {
  const bytes = address.toByteArray();
  for (const [prefix, length, start] of embeddings) {
    if (address.match(prefix, length)) return isPublic(bytes.slice(start, start + 4).join('.'));
  }
  // ISATAP (RFC 5214 §6.1): the last four bytes are the IPv4 address of a host behind a router.
  const isatap = ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  if (isatap && !isPublic(bytes.slice(12).join('.'))) return false;
  return address.range() === 'unicast' && address.match(globalUnicast);
};

/** The refusal of a source: `host` as its URL names it, with the address that it has. */
export const forbidden = (host: string, address: string, url?: string): HydrantError => {
  const where = host === address ? address : `${host} (${address})`;
  const text = `${where} is not on the public Internet, and sources must be (--upstream-policy any allows all addresses)`;
  return new HydrantError('FORBIDDEN_ADDRESS', text, url === undefined ? {} : { url });
};

/** `lookup` without the addresses that are not public; FORBIDDEN_ADDRESS where none is left. */
export const publicLookup =
  (lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction =>
  (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: found.includes(':') ? 6 : 4 }] : found;
      const allowed = addresses.filter(({ address }) => isPublic(address));
      const [first] = allowed;
      if (first === undefined) return done(forbidden(hostname, addresses[0]?.address ?? 'no address'), []);
      if (options.all === true) return done(null, allowed);
      return done(null, first.address, first.family);
    });
