import { readFileSync } from 'node:fs';

import { HydrantError } from '../core/errors.ts';
import type { Transport } from '../core/ports.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import type { AddressPolicy } from '../transport/address-policy.ts';
import type { DialOptions } from '../transport/dial.ts';
import { DotResolver, parseDnsServer } from '../transport/dot.ts';
import { GeneralTransport } from '../transport/general.ts';
import { mapHosts, parseHostRule } from '../transport/hosts.ts';

/** How connections are made, and what is open for that. */
export interface Dialling {
  readonly options: DialOptions;
  close(): void;
}

/** How `settings` say that connections are made, to the addresses that `policy` allows. Throws OPTION_INVALID where they cannot be. */
export const diallingOf = (settings: TransferOptions, policy: AddressPolicy): Dialling => {
  const { connectTimeout, map, dns, cacert, insecure, ipv4, ipv6, interface: localAddress } = settings;
  if (ipv4 && ipv6) throw new HydrantError('OPTION_INVALID', 'only IPv4 and only IPv6 exclude each other');
  const ca = cacert === undefined ? undefined : certificates(cacert);
  const resolver = dns === undefined ? undefined : new DotResolver(parseDnsServer(dns), ca === undefined ? {} : { ca });
  const options: DialOptions = {
    connectTimeout,
    insecure,
    policy,
    ...(ca !== undefined && { ca }),
    ...((ipv4 || ipv6) && { family: ipv4 ? 4 : 6 }),
    ...(localAddress !== undefined && { localAddress }),
    ...(resolver !== undefined && { lookup: resolver.lookup }),
    ...(map.length > 0 && { map: mapHosts(map.map(parseHostRule)) }),
  };
  return { options, close: () => resolver?.close() };
};

/** The transport that `settings` describe, to the addresses that `policy` allows. Throws OPTION_INVALID where they cannot be. */
export const transportOf = (settings: TransferOptions, policy: AddressPolicy = 'any'): Transport => {
  const dialling = diallingOf(settings, policy);
  const general = new GeneralTransport(dialling.options);
  return {
    open: (request, signal) => general.open(request, signal),
    close: async () => {
      await general.close();
      dialling.close();
    },
  };
};

const certificates = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HydrantError('OPTION_INVALID', `the certificates in "${path}" cannot be read: ${reason}`, { cause: error });
  }
};
