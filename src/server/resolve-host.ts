import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { DotResolver, parseDnsServer } from '../transport/dot.ts';
import { mappingFor, mappingTarget } from './host-mappings.ts';
import type { HostFacts } from './live.ts';
import { reasonOf } from './reason-of.ts';
import type { HostMapping } from './task-config.ts';

/** Where a request for `host` goes under `rules`; `dns` is asked for names that they lead to, the system where it fails. */
export const resolveHost = async (host: string, rules: readonly HostMapping[], dns: string | null): Promise<HostFacts> => {
  const rule = mappingFor(host, rules);
  const name = (rule && mappingTarget(rule.to)?.host) ?? host;
  const facts = { mappedTo: rule?.to.trim() ?? null, resolver: rule === undefined ? 'system' : (dns ?? 'system') };
  if (isIP(name) !== 0) return { ...facts, addresses: [name], error: null };
  const byDns = rule === undefined || dns === null ? [] : await addressesBy(dns, name);
  if (byDns.length > 0) return { ...facts, addresses: byDns, error: null };
  try {
    const found = await lookup(name, { all: true });
    return { ...facts, addresses: found.map(({ address }) => address), error: null };
  } catch (error) {
    return { ...facts, addresses: [], error: reasonOf(error) };
  }
};

/** None where `dns` does not say. */
const addressesBy = async (dns: string, name: string): Promise<readonly string[]> => {
  const resolver = new DotResolver(parseDnsServer(dns));
  try {
    return (await resolver.addresses(name)).map(({ address }) => address);
  } catch {
    return [];
  } finally {
    resolver.close();
  }
};
