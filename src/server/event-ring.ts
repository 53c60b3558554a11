/** What happened to something: enough to look up how it is now. */
export interface Happening {
  readonly kind: 'task' | 'fill' | 'health' | 'log' | 'settings' | 'download';
  /** What it happened to; absent where it concerns all. */
  readonly id?: string;
  /** Facts that can't be looked up later. */
  readonly facts?: unknown;
}

/** A happening with its place in the order of all. */
export interface Numbered extends Happening {
  readonly number: number;
}

/** The latest happenings, a bounded number of them. */
export class EventRing {
  readonly #size: number;
  readonly #ring: Numbered[] = [];
  readonly #waiting = new Set<() => void>();
  #last = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Number of the latest; 0 where nothing has happened. */
  get last(): number {
    return this.#last;
  }

  add(happening: Happening): void {
    this.#last++;
    this.#ring[this.#last % this.#size] = { ...happening, number: this.#last };
    this.wake();
  }

  /** Ends everybody's waiting. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }

  /** Calls `go` once, at the next happening; the returned function calls that off. */
  next(go: () => void): () => void {
    this.#waiting.add(go);
    return () => this.#waiting.delete(go);
  }

  /** What happened after `number`; undefined where some of that is gone. */
  since(number: number): readonly Numbered[] | undefined {
    if (number > this.#last || this.#last - number > this.#size) return undefined;
    const found: Numbered[] = [];
    for (let at = number + 1; at <= this.#last; at++) {
      const event = this.#ring[at % this.#size];
      if (event !== undefined) found.push(event);
    }
    return found;
  }
}
