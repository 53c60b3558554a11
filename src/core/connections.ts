/**
 * How many connections one origin is asked for. Slow start: double while the sum of rates grows clearly, then add one
 * at a time and keep it only if it paid. An origin that refuses (429, 503, reset, accept-and-hang) teaches a cap, which
 * is not tried again for a while that doubles with every lesson. Pure: the clock is passed in.
 */

/** Time given to new connections to show what they bring, in milliseconds. */
const settle = 100;
const measure = 300;
/** Time given to the first ones: too many a moment later cost less than too few for longer. */
const glance = 150;
/** Part of a connection by which a measurement may be wrong. */
const tolerance = 0.2;
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
  readonly #start: number;
  readonly #ceiling: number;
  #phase: 'doubling' | 'adding' | 'steady' = 'doubling';
  #paid: Level | undefined;
  #mark: { at: number; bytes: number; count: number } | undefined;
  #growAt = 0;
  #cap = Number.POSITIVE_INFINITY;
  #capUntil = 0;
  #capSpan = firstCap;
  #lessonAt = Number.NEGATIVE_INFINITY;
  #restUntil = 0;
  #unpaid = false;

  constructor(start: number, ceiling: number) {
    this.#ceiling = Math.max(1, ceiling);
    this.#start = Math.min(Math.max(1, start), this.#ceiling);
    this.#target = this.#start;
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

  /** Connections that the origin has shown to need; one beyond is a trial. */
  get proven(): number {
    return Math.min(this.#paid?.count ?? this.#start, this.#target);
  }

  /** Looks at what the present number brings and grows or takes back; call it some times a second while work waits. */
  observe(now: number, { established, bytes }: Showing): void {
    // Those that were taken back run on for a while: what they bring with the others says nothing of the others alone.
    if (established === 0 || established > this.allowed(now)) {
      this.#mark = undefined;
      return;
    }
    const mark = this.#mark;
    if (mark === undefined || mark.count !== established) {
      // The first ones have none to be told apart from: every moment spent on them is one with too few.
      const first = this.#paid === undefined;
      this.#mark = { at: first ? now : now + settle, bytes: first ? bytes : -1, count: established };
      return;
    }
    if (now < mark.at) return;
    if (mark.bytes < 0) {
      this.#mark = { at: now, bytes, count: established };
      return;
    }
    const elapsed = now - mark.at;
    if (elapsed < (this.#paid === undefined ? glance : measure)) return;
    const rate = ((bytes - mark.bytes) * 1000) / elapsed;
    this.#mark = { at: now, bytes, count: established };
    this.#judge(now, { count: established, rate });
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
      // Fewer than there may be (others need the connections more) say what they bring, not that more would.
      if (level.count < this.allowed(now)) {
        if (paid === undefined || level.count === paid.count) this.#paid = level;
        return;
      }
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
    if (gained >= 0.8 * hoped) {
      this.#unpaid = false;
      this.#paid = level;
      this.#grow(level.count);
      return;
    }
    // So many of the former would bring what these bring: the origin gives no more than that.
    const enough = Math.min(level.count, Math.ceil(paid.count * (1 + gained) - tolerance));
    this.#unpaid = true;
    if (enough > paid.count) this.#paid = { count: enough, rate: level.rate };
    this.#target = this.proven;
    this.#phase = 'steady';
    this.#growAt = now + rest;
  }

  #grow(count: number): void {
    this.#target = Math.min(this.#ceiling, this.#phase === 'doubling' ? count * 2 : count + 1);
  }
}
