import { Connections } from '../core/connections.ts';

/** A transfer that would ask an origin for more if it were let. */
export interface Applicant {
  /** Is told that a connection to the origin has become free. */
  offered(): void;
}

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
  /** Transfers that wait for a connection, and how many each has: who has fewest is next. */
  readonly applicants = new Map<Applicant, number>();

  constructor(key: string, connections: Connections) {
    this.key = key;
    this.connections = connections;
  }

  /** Whether `applicant`, who has `count` connections, must let another go first. */
  yields(applicant: Applicant, count: number): boolean {
    for (const [other, its] of this.applicants) if (other !== applicant && its < count) return true;
    return false;
  }

  /** Tells those who wait that a connection has become free. */
  offer(by: Applicant): void {
    for (const other of [...this.applicants.keys()]) if (other !== by) other.offered();
  }
}

/** Every origin that one client talks to. Caps and health are shared by all of its transfers. */
export class Origins {
  readonly #origins = new Map<string, Origin>();
  readonly #start: number;
  readonly #ceiling: number;
  /** Requests at once to all origins together. */
  readonly most: number;

  /** `start` connections to a new origin, never more than `ceiling`, and `most` over all. */
  constructor(start: number, ceiling: number, most: number) {
    this.#start = start;
    this.#ceiling = ceiling;
    this.most = most;
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
