/**
 * Rates in small steps of time: what a lane may send is granted every 10 ms, so that no socket buffer hides the rate.
 * A total rate is shared fairly among the lanes that wait.
 */
const step = 10;
/** How far a late timer may be made up for; a lane that did not wait gets no more than two steps at once. */
const arrears = 250;

interface Wait {
  readonly lane: Lane;
  readonly want: number;
  readonly grant: (bytes: number) => void;
}

/** One connection's share. */
export class Lane {
  /** Bytes per second. */
  readonly rate: number;
  tokens: number;
  refilled: number;

  constructor(rate: number, now: number) {
    this.rate = rate;
    this.tokens = rate === Number.POSITIVE_INFINITY ? rate : 0;
    this.refilled = now;
  }

  refill(now: number, bound: number): void {
    if (this.rate === Number.POSITIVE_INFINITY) return;
    const most = Math.max(1, (this.rate * bound) / 1000);
    this.tokens = Math.min(this.tokens + (this.rate * (now - this.refilled)) / 1000, most);
    this.refilled = now;
  }
}

/** Shares out bytes per second; without rates everything is granted at once. */
export class Shaper {
  readonly #total: Lane | undefined;
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;

  constructor(total: number | undefined) {
    this.#total = total === undefined ? undefined : new Lane(total, performance.now());
  }

  /** A share of at most `rate` bytes per second; undefined is without a bound of its own. */
  lane(rate: number | undefined): Lane {
    return new Lane(rate ?? Number.POSITIVE_INFINITY, performance.now());
  }

  /** Resolves to how many of `want` bytes may go out now (at least one); rejects once `signal` aborts. */
  async take(lane: Lane, want: number, signal: AbortSignal): Promise<number> {
    if (this.#total === undefined && lane.rate === Number.POSITIVE_INFINITY) return want;
    signal.throwIfAborted();
    lane.refill(performance.now(), 2 * step);
    if (this.#waits.size === 0) this.#total?.refill(performance.now(), 2 * step);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waits.delete(wait);
        reject(signal.reason);
      };
      const wait: Wait = {
        lane,
        want,
        grant: (bytes) => {
          this.#waits.delete(wait);
          signal.removeEventListener('abort', leave);
          resolve(bytes);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waits.add(wait);
      this.#timer ??= setInterval(() => this.#tick(), step);
    });
  }

  /** Stops the clock work until something waits again. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#waits.size === 0) {
      this.close();
      return;
    }
    const now = performance.now();
    this.#total?.refill(now, arrears);
    const waits = [...this.#waits];
    for (const { lane } of waits) lane.refill(now, arrears);
    // Those who may take least come first, so that what they leave is shared among the rest.
    waits.sort((a, b) => Math.min(a.want, a.lane.tokens) - Math.min(b.want, b.lane.tokens));
    let left = waits.length;
    for (const { lane, want, grant } of waits) {
      const share = (this.#total?.tokens ?? Number.POSITIVE_INFINITY) / left--;
      const bytes = Math.floor(Math.min(want, lane.tokens, share));
      if (bytes < 1) continue;
      lane.tokens -= bytes;
      if (this.#total !== undefined) this.#total.tokens -= bytes;
      grant(bytes);
    }
  }
}
