import ipaddr from 'ipaddr.js';

/** Wrong tokens that an address may show in a while, and how long that is in milliseconds. */
const most = 10;
const usual = 60_000;
/** Behind a proxy on this machine everybody is loopback: nobody shall be locked out for long by somebody else. */
const nearby = 1_000;
const addressLimit = 10_000;

/** Counts wrong tokens by address, so that guessing takes longer than anybody lives. */
export class Attempts {
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; readonly until: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until `address` may try again; 0 where it may now. */
  wait(address: string): number {
    const found = this.#failures.get(keyOf(address));
    return found === undefined || found.count < most ? 0 : Math.max(0, found.until - this.#now());
  }

  failed(address: string): void {
    const key = keyOf(address);
    const found = this.#failures.get(key);
    if (found !== undefined && found.until > this.#now()) {
      found.count++;
      return;
    }
    this.#failures.delete(key);
    const oldest = this.#failures.size < addressLimit ? undefined : this.#failures.keys().next().value;
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(key, { count: 1, until: this.#now() + (isNear(address) ? nearby : usual) });
  }
}

const isNear = (address: string): boolean => address === '' || address === '::1' || /^(?:::ffff:)?127\./.test(address);

/** Whoever has one IPv6 address has 2⁶⁴ of them. */
const keyOf = (address: string): string => {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.');
};
