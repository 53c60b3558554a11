/**
 * How many connections one origin is asked for. Slow start: double while the sum of rates grows clearly, then add one
 * at a time and keep it only if it paid. An origin that refuses (429, 503, reset, accept-and-hang) teaches a cap, which
 * is not tried again for a while that doubles with every lesson. Pure: the clock is passed in.
 */

/** Time given to new connections to show what they bring, in milliseconds. */
const settle = 100;
const measure = 300;
/** How long a growth that did not pay is not tried again, in milliseconds. */
const rest = 5_000;
/** Refusals this close together are one lesson, in milliseconds. */
const burst = 1_000;
/** How long a learned cap holds at first and at most, in milliseconds. */
const firstCap = 15_000;
const longestCap = 600_000;

/** What an origin shows at one instant: leases that run and have brought bytes, payload bytes in all. */
export interface Showing {
  readonly established: number;
  readonly bytes: number;
}

interface Level {
  readonly count: number;
  readonly rate: number;
}

export class Connections {
  #target: number;
  readonly #ceiling: number;
  #phase: 'doubling' | 'adding' | 'steady' = 'doubling';
  #paid: Level | undefined;
  #mark: { at: number; bytes: number } | undefined;
  #growAt = 0;
  #cap = Number.POSITIVE_INFINITY;
  #capUntil = 0;
  #capSpan = firstCap;
  #lessonAt = Number.NEGATIVE_INFINITY;
  #restUntil = 0;
  #unpaid = false;

  constructor(start: number, ceiling: number) {
    this.#ceiling = Math.max(1, ceiling);
    this.#target = Math.min(Math.max(1, start), this.#ceiling);
  }

  /** Connections wanted at `now`. */
  allowed(now: number): number {
    return Math.min(this.#target, now < this.#capUntil ? this.#cap : Number.POSITIVE_INFINITY);
  }

  /** How many more may be opened at `now`, with `active` open; none while the origin asked to be left alone. */
  free(now: number, active: number): number {
    return now < this.#restUntil ? 0 : Math.max(0, this.allowed(now) - active);
  }

  /** Until when the origin is left alone; in the past when it is not. */
  get restUntil(): number {
    return this.#restUntil;
  }

  /** Whether more than `active` connections were seen to bring nothing: what limits is the origin as a whole. */
  isShared(active: number): boolean {
    return this.#unpaid && active >= this.#target;
  }

  /** Looks at what the present number brings and grows or takes back; call it some times a second while work waits. */
  observe(now: number, showing: Showing): void {
    const target = this.allowed(now);
    if (showing.established < target) {
      this.#mark = undefined;
      return;
    }
    if (this.#mark === undefined) {
      this.#mark = { at: now + settle, bytes: -1 };
      return;
    }
    if (now < this.#mark.at) return;
    if (this.#mark.bytes < 0) {
      this.#mark = { at: now, bytes: showing.bytes };
      return;
    }
    const elapsed = now - this.#mark.at;
    if (elapsed < measure) return;
    const rate = ((showing.bytes - this.#mark.bytes) * 1000) / elapsed;
    this.#mark = { at: now, bytes: showing.bytes };
    this.#judge(now, { count: target, rate });
  }

  /** Forgets a measurement under way: what it would show is a slow reader, a limit or the end of the work. */
  pause(): void {
    this.#mark = undefined;
  }

  /**
   * Learns from a refusal at `now`, while `others` connections were left open. Those refused in one burst count down to
   * what the origin takes; refused again within the cap, it is halved. `wait`: milliseconds to leave the origin alone.
   */
  refused(now: number, others: number, wait: number): void {
    this.#restUntil = Math.max(this.#restUntil, now + wait);
    this.#mark = undefined;
    this.#paid = undefined;
    const inForce = now < this.#capUntil;
    if (now - this.#lessonAt < burst) {
      this.#cap = Math.max(1, Math.min(this.#cap, others));
    } else {
      const recent = now < this.#capUntil + this.#capSpan && this.#cap !== Number.POSITIVE_INFINITY;
      this.#capSpan = recent ? Math.min(longestCap, this.#capSpan * 2) : firstCap;
      this.#lessonAt = now;
      this.#cap = Math.max(1, inForce ? Math.min(others, Math.floor(this.#cap / 2)) : others);
    }
    this.#capUntil = now + this.#capSpan;
    this.#target = Math.max(1, Math.min(this.#target, this.#cap));
    this.#phase = 'steady';
    this.#growAt = this.#capUntil;
  }

  #judge(now: number, level: Level): void {
    const paid = this.#paid;
    if (paid === undefined || level.count <= paid.count) {
      this.#paid = level;
      if (this.#phase !== 'steady') this.#grow(level.count);
      else if (now >= this.#growAt) {
        this.#phase = 'adding';
        this.#grow(level.count);
      }
      return;
    }
    const hoped = level.count / paid.count - 1;
    const gained = level.rate / Math.max(1, paid.rate) - 1;
    if (gained >= 0.4 * hoped) {
      this.#unpaid = false;
      this.#paid = level;
      this.#grow(level.count);
    } else if (this.#phase === 'doubling' && gained >= 0.1 * hoped) {
      this.#paid = level;
      this.#phase = 'adding';
      this.#grow(level.count);
    } else {
      this.#unpaid = true;
      this.#target = paid.count;
      this.#phase = 'steady';
      this.#growAt = now + rest;
    }
  }

  #grow(count: number): void {
    this.#target = Math.min(this.#ceiling, this.#phase === 'doubling' ? count * 2 : count + 1);
  }
}
