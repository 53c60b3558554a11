import { Connections } from '../core/connections.ts';

/** Scheme, host and port, with what was learned about them: how many connections they take, and what runs now. */
export class Origin {
  readonly key: string;
  readonly connections: Connections;
  /** Requests under way, probes included. */
  active = 0;
  /** Leases that have brought bytes and still run. */
  established = 0;
  /** Payload bytes that ever came. */
  bytes = 0;

  constructor(key: string, connections: Connections) {
    this.key = key;
    this.connections = connections;
  }
}

/** Every origin that one client talks to. Caps and health are shared by all of its transfers. */
export class Origins {
  readonly #origins = new Map<string, Origin>();
  readonly #start: number;
  readonly #ceiling: number;

  /** `start` connections to a new origin, never more than `ceiling`. */
  constructor(start: number, ceiling: number) {
    this.#start = start;
    this.#ceiling = ceiling;
  }

  of(url: string): Origin {
    const key = new URL(url).origin;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const made = new Origin(key, new Connections(this.#start, this.#ceiling));
    this.#origins.set(key, made);
    return made;
  }

  [Symbol.iterator](): Iterator<Origin> {
    return this.#origins.values();
  }

  /** Requests under way to all origins. */
  get active(): number {
    let sum = 0;
    for (const origin of this.#origins.values()) sum += origin.active;
    return sum;
  }
}
