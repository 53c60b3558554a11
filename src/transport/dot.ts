import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { DecodedPacket } from 'dns-packet';

import { HydrantError, toHydrantError } from '../core/errors.ts';
import { type DnsServer, DotChannel, type DotOptions, type RecordType } from './dot-channel.ts';

const cacheLimit = 1000;
/** How long an answer is kept at least and at most, in milliseconds, whatever it says. */
const leastAge = 1000;
const mostAge = 3_600_000;

const noSuchName = 3;
const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

interface Kept {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
}

/** Reads `tls://IP[:PORT][#NAME]`, an IPv6 address in brackets, NAME being the one in the certificate. Throws OPTION_INVALID. */
export const parseDnsServer = (text: string): DnsServer => {
  const found = /^tls:\/\/(?:\[([^\]]+)\]|([^:[\]#/]+))(?::(\d{1,5}))?\/?(?:#([A-Za-z0-9_.-]+))?$/i.exec(text.trim());
  const address = found?.[1] ?? found?.[2] ?? '';
  const port = Number(found?.[3] ?? 853);
  if (isIP(address) !== (found?.[1] === undefined ? 4 : 6) || port < 1 || port > 65_535)
    throw new HydrantError('OPTION_INVALID', `--dns "${text}" is not tls://IP[:PORT][#NAME], IPv6 addresses in brackets`);
  return { address, port, name: found?.[4] };
};

/** Resolves names by DNS over TLS (RFC 7858); `lookup` takes the place of the system's. Close it when done. */
export class DotResolver {
  readonly #server: DnsServer;
  readonly #channel: DotChannel;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #asked = new Map<string, Promise<readonly LookupAddress[]>>();

  constructor(server: DnsServer, options: DotOptions = {}) {
    this.#server = server;
    this.#channel = new DotChannel(server, options);
    this.#now = options.now ?? (() => performance.now());
  }

  readonly lookup: LookupFunction = (name, options, callback) => {
    const { family } = options;
    const wanted = family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0;
    this.addresses(name, wanted).then(
      (addresses) => {
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
      },
      (error: unknown) => callback(toHydrantError(error, 'SOURCE_UNREACHABLE'), [], 0),
    );
  };

  /** At least one address of `name`, IPv4 first; `family` 0 for both kinds. Rejects with SOURCE_UNREACHABLE. */
  async addresses(name: string, family: 0 | 4 | 6 = 0): Promise<readonly LookupAddress[]> {
    const types: readonly RecordType[] = family === 4 ? ['A'] : family === 6 ? ['AAAA'] : ['A', 'AAAA'];
    const answers = await Promise.allSettled(types.map((type) => this.#records(name.replace(/\.$/, ''), type)));
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    throw new HydrantError('SOURCE_UNREACHABLE', `no such host: ${name} (says the name server ${this.#server.address})`);
  }

  close(): void {
    this.#channel.close();
  }

  /** Kept, on its way, or asked for now; no record of that type is no failure. */
  #records(name: string, type: RecordType): Promise<readonly LookupAddress[]> {
    if (/(?:^|\.)localhost$/i.test(name))
      return Promise.resolve([type === 'A' ? { address: '127.0.0.1', family: 4 } : { address: '::1', family: 6 }]);
    const key = `${type} ${name.toLowerCase()}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > this.#now()) return Promise.resolve(kept.addresses);
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#channel
      .ask(name, type)
      .then((packet) => this.#keep(key, this.#read(packet, name, type)))
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  #read(packet: DecodedPacket, name: string, type: RecordType): Kept {
    const code = (packet.flags ?? 0) & 0xf;
    if (code !== 0 && code !== noSuchName) {
      const text = `the name server ${this.#server.address} does not resolve ${name}: ${codes[code] ?? `code ${code}`}`;
      throw new HydrantError('SOURCE_UNREACHABLE', text);
    }
    const addresses: LookupAddress[] = [];
    let age = mostAge;
    for (const record of packet.answers ?? []) {
      if (record.type !== type || typeof record.data !== 'string' || isIP(record.data) === 0) continue;
      addresses.push({ address: record.data, family: type === 'A' ? 4 : 6 });
      if ('ttl' in record && typeof record.ttl === 'number') age = Math.min(age, record.ttl * 1000);
    }
    return { addresses, until: this.#now() + Math.max(leastAge, age) };
  }

  /** A name that has no address is asked for again each time: it may be there by then. */
  #keep(key: string, kept: Kept): readonly LookupAddress[] {
    this.#kept.delete(key);
    if (kept.addresses.length === 0) return kept.addresses;
    const oldest = this.#kept.size < cacheLimit ? undefined : this.#kept.keys().next().value;
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
    return kept.addresses;
  }
}
