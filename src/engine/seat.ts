import type { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';

/** Where one reader of a feed stands. */
export class Seat {
  /** As was asked for; the end may be Infinity. */
  readonly end: number;
  /** What was released: nothing before it is wanted any more. */
  head: number;
  /** The next byte to be given out. */
  next: number;
  error: HydrantError | undefined;
  #told: number;
  #wake: (() => void) | undefined;

  constructor({ start, end }: Range) {
    this.end = end;
    this.head = start;
    this.next = start;
    this.#told = start;
  }

  get waiting(): boolean {
    return this.#wake !== undefined;
  }

  /** Resolves when it is woken or fails. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Wakes it where the file turned out to end at `length` and there is nothing to wait for. */
  wakeAtEnd(length: number): void {
    if (this.next >= Math.min(this.end, length)) this.wake();
  }

  fail(error: HydrantError): void {
    this.error ??= error;
    this.wake();
  }

  /** Whether it has moved on so far that its window should follow: a quarter of `window`. */
  worthTelling(window: number): boolean {
    if (this.head < this.end && this.head - this.#told < window / 4) return false;
    this.#told = this.head;
    return true;
  }
}
