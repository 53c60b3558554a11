import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import type { Clock, Transport } from '../core/ports.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import type { AddressPolicy } from '../transport/address-policy.ts';
import { DotResolver, parseDnsServer } from '../transport/dot.ts';
import { GeneralTransport } from '../transport/general.ts';
import type { MapHost } from '../transport/hosts.ts';
import { LimitedTransport } from '../transport/limited.ts';
import { Line } from '../transport/line.ts';
import { mappingFor, mappingTarget } from './host-mappings.ts';
import type { HostMapping } from './task-config.ts';

/** A way out for the requests of one task; give it back when it is done with. */
export interface Way {
  readonly transport: Transport;
  release(): void;
}

interface Route {
  readonly transport: GeneralTransport;
  readonly resolver: DotResolver | undefined;
  users: number;
}

/** Routes that are kept open though nobody uses them, for their connections. */
const idleRoutes = 8;

/** How the server's requests go out: a transport for each set of host mappings, all under one limit. */
export class Upstream {
  readonly #settings: TransferOptions;
  readonly #clock: Clock;
  readonly #policy: AddressPolicy;
  readonly #routes = new Map<string, Route>();
  /** The limit over all that is fetched. */
  readonly line: Line;

  constructor(settings: TransferOptions, clock: Clock, policy: AddressPolicy) {
    this.#settings = settings;
    this.#clock = clock;
    this.#policy = policy;
    this.line = new Line(Number.POSITIVE_INFINITY, clock);
  }

  /** The way by `mappings`, names that they lead to resolved at `dns`, within the limit of `line` and that of all. */
  way(mappings: readonly HostMapping[], dns: string | null, line: Line): Way {
    const key = JSON.stringify([mappings.map(({ from, to }) => [from, to]), mappings.length === 0 ? null : dns]);
    const route = this.#routes.get(key) ?? this.#open(mappings, dns);
    this.#routes.delete(key);
    this.#routes.set(key, route);
    route.users++;
    this.#tidy();
    const all = new LimitedTransport(route.transport, this.#clock, this.line);
    let released = false;
    return {
      transport: new LimitedTransport(all, this.#clock, line),
      release: () => {
        if (released) return;
        released = true;
        route.users--;
        this.#tidy();
      },
    };
  }

  async close(): Promise<void> {
    const routes = [...this.#routes.values()];
    this.#routes.clear();
    await Promise.all(routes.map(shut));
  }

  #open(mappings: readonly HostMapping[], dns: string | null): Route {
    const { connectTimeout, insecure, ipv4, ipv6 } = this.#settings;
    const resolver = dns === null ? undefined : new DotResolver(parseDnsServer(dns));
    const transport = new GeneralTransport({
      connectTimeout,
      insecure,
      policy: this.#policy,
      ...((ipv4 || ipv6) && { family: ipv4 ? 4 : 6 }),
      ...(mappings.length > 0 && { map: mapBy(mappings) }),
      ...(resolver !== undefined && mappings.length > 0 && { lookup: lookupBy(mappings, resolver) }),
    });
    return { transport, resolver, users: 0 };
  }

  #tidy(): void {
    const idle = [...this.#routes].filter(([, { users }]) => users === 0);
    for (const [key, route] of idle.slice(0, Math.max(0, idle.length - idleRoutes))) {
      this.#routes.delete(key);
      void shut(route);
    }
  }
}

const shut = async ({ transport, resolver }: Route): Promise<void> => {
  await transport.close();
  resolver?.close();
};

/** A port in a rule holds for names whose URL says none, and for addresses always. */
const mapBy =
  (mappings: readonly HostMapping[]): MapHost =>
  (host, port) => {
    const rule = mappingFor(host, mappings);
    const target = rule === undefined ? undefined : mappingTarget(rule.to);
    if (target === undefined) return { host, port };
    const unsaid = port === 80 || port === 443 || isIP(host) !== 0;
    return { host: target.host, port: unsaid ? (target.port ?? port) : port };
  };

/** Resolves the names that rules lead to at `resolver`, or by the system where that fails; all others by the system. */
const lookupBy = (mappings: readonly HostMapping[], resolver: DotResolver): LookupFunction => {
  const targets = new Set(mappings.map(({ to }) => mappingTarget(to)?.host));
  const bySystem = systemLookup as LookupFunction;
  return (name, options, done) => {
    if (!targets.has(name)) return bySystem(name, options, done);
    resolver.lookup(name, options, (error, address, family) => {
      if (error === null) done(null, address, family);
      else bySystem(name, options, done);
    });
  };
};
