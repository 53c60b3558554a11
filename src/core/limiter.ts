/** Seconds of the rate that may be saved up and then pass at once. */
const burstSeconds = 0.25;
/** However low the rate, this many bytes can pass together. */
const burstFloor = 512;

/** A token bucket for bytes. It starts empty and never gives in advance, so no stretch of time sees more than rate and burst. */
export class Limiter {
  #rate: number;
  #tokens = 0;
  #filled: number;

  /** `rate` in bytes per second, Infinity for none; `now` in milliseconds, as in every call. */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#filled = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** The most bytes that can be taken together. */
  get burst(): number {
    return Math.max(burstFloor, Math.floor(this.#rate * burstSeconds));
  }

  /** Changes the rate from `now` on; what was saved up stays, as far as the new burst allows. */
  change(rate: number, now: number): void {
    this.#fill(now);
    this.#rate = rate;
    this.#tokens = Math.min(this.#tokens, this.burst);
  }

  /** Takes `bytes` and returns 0, or takes nothing and returns the milliseconds after which it would. */
  take(bytes: number, now: number): number {
    if (this.#rate === Infinity) return 0;
    this.#fill(now);
    const missing = Math.min(bytes, this.burst) - this.#tokens;
    // Less than a byte is the error of floating point, and a wait for it might not move the clock.
    if (missing >= 1) return (missing / this.#rate) * 1000;
    this.#tokens -= bytes;
    return 0;
  }

  #fill(now: number): void {
    const elapsed = Math.max(0, now - this.#filled);
    this.#filled = Math.max(now, this.#filled);
    if (this.#rate === Infinity) this.#tokens = 0;
    else this.#tokens = Math.min(this.burst, this.#tokens + (elapsed * this.#rate) / 1000);
  }
}
