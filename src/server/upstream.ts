import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import { type Dialling, diallingOf } from '../client/transport.ts';
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
  readonly #dialling: Dialling;
  readonly #clock: Clock;
  readonly #routes = new Map<string, Route>();
  /** The limit over all that is fetched. */
  readonly line: Line;

  constructor(settings: TransferOptions, clock: Clock, policy: AddressPolicy) {
    this.#dialling = diallingOf(settings, policy);
    this.#clock = clock;
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
    this.#dialling.close();
  }

  #open(mappings: readonly HostMapping[], dns: string | null): Route {
    const { map, lookup = systemLookup as LookupFunction } = this.#dialling.options;
    const resolver = dns === null || mappings.length === 0 ? undefined : new DotResolver(parseDnsServer(dns));
    const transport = new GeneralTransport({
      ...this.#dialling.options,
      ...(mappings.length > 0 && { map: mapBy(mappings, map) }),
      ...(resolver !== undefined && { lookup: lookupBy(mappings, resolver, lookup) }),
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

/** A port in a rule holds for names whose URL says none, and for addresses always. Where no rule fits, `others` say. */
const mapBy =
  (mappings: readonly HostMapping[], others: MapHost = (host, port) => ({ host, port })): MapHost =>
  (host, port) => {
    const rule = mappingFor(host, mappings);
    const target = rule === undefined ? undefined : mappingTarget(rule.to);
    if (target === undefined) return others(host, port);
    const unsaid = port === 80 || port === 443 || isIP(host) !== 0;
    return { host: target.host, port: unsaid ? (target.port ?? port) : port };
  };

/** Resolves the names that rules lead to at `resolver`, or by `usual` where that fails; all others by `usual`. */
const lookupBy = (mappings: readonly HostMapping[], resolver: DotResolver, usual: LookupFunction): LookupFunction => {
  const targets = new Set(mappings.map(({ to }) => mappingTarget(to)?.host));
  return (name, options, done) => {
    if (!targets.has(name)) return usual(name, options, done);
    resolver.lookup(name, options, (error, address, family) => {
      if (error === null) done(null, address, family);
      else usual(name, options, done);
    });
  };
};
