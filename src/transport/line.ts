import type { HydrantError } from '../core/errors.ts';
import { Limiter } from '../core/limiter.ts';
import type { Clock } from '../core/ports.ts';
import { SlidingWindow } from '../core/sliding-window.ts';

/** The least that a turn is worth in bytes, however many wait. */
const leastShare = 512;

/** How a rate is kept: by saving up a little, or by looking back one second. */
export type Measure = 'bucket' | 'window';

interface Turn {
  readonly bytes: number;
  readonly pass: () => void;
  readonly fail: (error: HydrantError) => void;
}

/** Those who wait for one limit, served in the order in which they came, so that nobody starves. */
export class Line {
  #limiter: Limiter | SlidingWindow;
  readonly #clock: Clock;
  readonly #turns: Turn[] = [];
  #callOff: (() => void) | undefined;

  /** `rate` in bytes per second, Infinity for none. */
  constructor(rate: number, clock: Clock) {
    this.#limiter = new Limiter(rate, clock.now());
    this.#clock = clock;
  }

  get rate(): number {
    return this.#limiter.rate;
  }

  /** Measures in another way from now on; what passed is forgotten. */
  set measure(measure: Measure) {
    if (this.#limiter instanceof SlidingWindow === (measure === 'window')) return;
    this.#limiter = measure === 'window' ? new SlidingWindow(this.rate) : new Limiter(this.rate, this.#clock.now());
    this.#serve();
  }

  set rate(rate: number) {
    this.#limiter.change(rate, this.#clock.now());
    this.#serve();
  }

  /** The most bytes to ask for in one turn, so that all who wait have several turns a second. */
  get share(): number {
    return Math.max(leastShare, Math.floor(this.#limiter.burst / (this.#turns.length + 1)));
  }

  /** Takes `bytes` where that is possible at once and nobody else waits; says whether it did. */
  passes(bytes: number): boolean {
    return this.#turns.length === 0 && this.#limiter.take(bytes, this.#clock.now()) === 0;
  }

  /** Resolves when `bytes` have been taken. Leaves the line, rejecting with what `abort` makes, where that is called. */
  wait(bytes: number, leave: (abort: (error: HydrantError) => void) => void): Promise<void> {
    return new Promise((pass, fail) => {
      const turn: Turn = { bytes, pass, fail };
      this.#turns.push(turn);
      leave((error) => this.#leave(turn, error));
      if (this.#turns[0] === turn) this.#serve();
    });
  }

  /** Sends everybody away with `error`. */
  close(error: HydrantError): void {
    this.#callOff?.();
    for (const turn of this.#turns.splice(0)) turn.fail(error);
  }

  #leave(turn: Turn, error: HydrantError): void {
    const index = this.#turns.indexOf(turn);
    if (index < 0) return;
    this.#turns.splice(index, 1);
    turn.fail(error);
    if (index === 0) this.#serve();
  }

  #serve(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    for (let turn = this.#turns[0]; turn !== undefined; turn = this.#turns[0]) {
      const delay = this.#limiter.take(turn.bytes, this.#clock.now());
      if (delay > 0) {
        this.#callOff = this.#clock.after(delay, () => this.#serve());
        return;
      }
      this.#turns.shift();
      turn.pass();
    }
  }
}
