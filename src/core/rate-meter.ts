/** How far back a rate looks, in milliseconds. */
const span = 1_000;
/** Arrivals that a rate looks back over at least, so that a slow trickle of large chunks is not read as stalls. */
const arrivals = 4;
/** The start of a connection says little about it (TCP slow start): not counted once there is more, in milliseconds. */
const warmUp = 150;

/** Bytes per second of one connection, from its arrivals of about the last second; the clock is passed in. */
export class RateMeter {
  #marks: { at: number; bytes: number }[] = [];
  #bytes = 0;
  #firstAt: number | undefined;

  /** Notes `bytes` that arrived at `now`. The first arrival only starts the clock: how long it took is latency. */
  add(now: number, bytes: number): void {
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#marks.push({ at: now, bytes: 0 });
      return;
    }
    this.#bytes += bytes;
    this.#marks.push({ at: now, bytes: this.#bytes });
    while (this.#marks.length > arrivals + 1 && now - (this.#marks[1]?.at ?? now) > span) this.#marks.shift();
    const first = this.#firstAt;
    while (this.#marks.length > arrivals + 1 && (this.#marks[0]?.at ?? now) < first + warmUp) this.#marks.shift();
  }

  /** Takes `ms` out of the reckoning: time spent waiting for a limit or a slow disk is not slowness. */
  skip(ms: number): void {
    for (const mark of this.#marks) mark.at += ms;
    if (this.#firstAt !== undefined) this.#firstAt += ms;
  }

  /** Bytes per second as of `now`; undefined while too little has come to tell. Falls by itself when nothing arrives. */
  rate(now: number): number | undefined {
    const first = this.#marks[0];
    if (first === undefined || this.#marks.length < 2) return undefined;
    const elapsed = now - first.at;
    if (elapsed < warmUp / 3) return undefined;
    return ((this.#bytes - first.bytes) * 1000) / elapsed;
  }
}
