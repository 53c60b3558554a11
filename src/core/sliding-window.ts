/** Milliseconds that the window is long. */
const span = 1000;

/** A limit for bytes that looks back: in no second pass more than a second's worth, however long nothing passed before. */
export class SlidingWindow {
  #rate: number;
  /** What passed within the last second, the oldest first. */
  readonly #passed: { at: number; bytes: number }[] = [];
  #sum = 0;

  /** `rate` in bytes per second, Infinity for none. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  get rate(): number {
    return this.#rate;
  }

  /** The most bytes that can be taken together. */
  get burst(): number {
    return Math.max(512, Math.floor(this.#rate / 8));
  }

  /** Changes the rate; what passed counts on. */
  change(rate: number): void {
    this.#rate = rate;
  }

  /** Takes `bytes` and returns 0, or takes nothing and returns the milliseconds after which it would. */
  take(bytes: number, now: number): number {
    if (this.#rate === Infinity) return 0;
    for (let oldest = this.#passed[0]; oldest !== undefined && oldest.at <= now - span; oldest = this.#passed[0]) {
      this.#sum -= oldest.bytes;
      this.#passed.shift();
    }
    const over = this.#sum + Math.min(bytes, this.#rate) - this.#rate;
    if (over > 0) return this.#waitFor(over, now);
    const last = this.#passed.at(-1);
    if (last !== undefined && now - last.at < 10) last.bytes += bytes;
    else this.#passed.push({ at: now, bytes });
    this.#sum += bytes;
    return 0;
  }

  /** Milliseconds until so much has left the window that `over` more bytes fit. */
  #waitFor(over: number, now: number): number {
    let gone = 0;
    for (const { at, bytes } of this.#passed) {
      gone += bytes;
      if (gone >= over) return Math.max(1, at + span - now);
    }
    return span;
  }
}
