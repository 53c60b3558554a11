import type { Clock } from '../../src/core/ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** A clock that only moves when everything that can happen at one instant has happened. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #heap: Timer[] = [];
  readonly #off = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_800_000_000_000 + this.#now;
  }

  after(delay: number, act: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delay), order: this.#order++, act };
    this.#push(timer);
    return () => this.#off.add(timer);
  }

  /** Runs timers in order until `done` or the virtual time `until`. Promises settle between two instants. */
  async run(done: () => boolean, until: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return;
      let next = this.#pop();
      while (next !== undefined && this.#off.delete(next)) next = this.#pop();
      if (next === undefined) throw new Error(`nothing is left to happen at ${this.#now} ms: a hang`);
      if (next.at > until) throw new Error(`still running at ${until} ms of virtual time`);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    heap.push(timer);
    for (let index = heap.length - 1; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!before(heap[index] as Timer, heap[parent] as Timer)) break;
      [heap[index], heap[parent]] = [heap[parent] as Timer, heap[index] as Timer];
      index = parent;
    }
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      let least = index;
      if (left < heap.length && before(heap[left] as Timer, heap[least] as Timer)) least = left;
      if (left + 1 < heap.length && before(heap[left + 1] as Timer, heap[least] as Timer)) least = left + 1;
      if (least === index) return top;
      [heap[index], heap[least]] = [heap[least] as Timer, heap[index] as Timer];
      index = least;
    }
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
