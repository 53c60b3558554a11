/*
 * Server-sent events. What happened is noted in one ring for all clients; a client is a number in it. What a client is
 * told is looked up when it reads, so one that reads slowly is told less often, never late, and nothing piles up for it. One
 * that was away for longer than the ring reaches is told to start over.
 */
import { randomBytes } from 'node:crypto';

import type { Clock } from '../core/ports.ts';
import { EventRing, type Happening, type Numbered } from './event-ring.ts';

/** One message to a client. */
export interface Message {
  readonly event: string;
  readonly data: unknown;
}

export interface EventsOptions {
  readonly clock: Clock;
  /** How things are each second, for everybody who looks; undefined where nothing moves. */
  readonly sample: () => unknown;
  /** How many happenings a client may miss; 1024 unless told otherwise. */
  readonly size?: number;
  /** The most clients at once; 256 unless told otherwise. */
  readonly most?: number;
}

const interval = 1_000;
const heartbeat = 15_000;
const retry = 2_000;

export class Events {
  /** Numbers of another run of the server mean nothing. */
  readonly #run = randomBytes(4).toString('hex');
  readonly #ring: EventRing;
  readonly #options: EventsOptions;
  #clients = 0;
  #sample: { readonly number: number; readonly data: unknown } = { number: 0, data: undefined };
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#ring = new EventRing(options.size ?? 1024);
  }

  get clients(): number {
    return this.#clients;
  }

  get full(): boolean {
    return this.#clients >= (this.#options.most ?? 256);
  }

  add(happening: Happening): void {
    this.#ring.add(happening);
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    this.#stopTimer?.();
    this.#ring.wake();
  }

  /**
   * What happens from now on, or after what `lastId` names, as the text of an event stream. `tell` says how what a
   * happening was about is now. Costs nothing until it is read; ends with `signal`.
   */
  async *stream(
    lastId: string | undefined,
    tell: (happening: Happening) => Message | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const wake = (): void => this.#ring.wake();
    this.#enter();
    signal.addEventListener('abort', wake);
    try {
      let at = this.#numberOf(lastId);
      let sampled = this.#sample.number;
      yield `retry: ${retry}\n\n`;
      if (at === undefined) {
        at = this.#ring.last;
        yield this.#text({ event: 'reset', data: {} }, at);
      } else if (lastId === undefined) yield this.#text({ event: 'hello', data: {} }, at);
      while (!signal.aborted && !this.#closed) {
        const missed = this.#ring.since(at);
        const latest = this.#ring.last;
        let text = missed === undefined ? this.#text({ event: 'reset', data: {} }, latest) : '';
        for (const happening of lastOfEach(missed ?? [])) {
          const message = tell(happening);
          if (message !== undefined) text += this.#text(message, happening.number);
        }
        at = latest;
        if (this.#sample.number > sampled) {
          sampled = this.#sample.number;
          text += this.#text({ event: 'sample', data: this.#sample.data }, undefined);
        }
        if (text !== '') yield text;
        else if (!(await this.#wait())) yield ': \n\n';
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#leave();
    }
  }

  #numberOf(lastId: string | undefined): number | undefined {
    if (lastId === undefined) return this.#ring.last;
    const [run, number = ''] = lastId.split('-');
    return run === this.#run && /^\d{1,15}$/.test(number) && this.#ring.since(Number(number)) !== undefined ? Number(number) : undefined;
  }

  #text({ event, data }: Message, number: number | undefined): string {
    const id = number === undefined ? '' : `id: ${this.#run}-${number}\n`;
    return `${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  /** Whether something happened before a sign of life was due. */
  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.#ring.next(() => {
        stopTimer();
        resolve(true);
      });
      const stopTimer = this.#options.clock.after(heartbeat, () => {
        stop();
        resolve(false);
      });
    });
  }

  #enter(): void {
    this.#clients++;
    if (this.#clients === 1) this.#tick();
  }

  #leave(): void {
    this.#clients--;
    if (this.#clients > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #tick(): void {
    if (this.#closed) return;
    this.#stopTimer = this.#options.clock.after(interval, () => {
      const data = this.#options.sample();
      if (data !== undefined) this.#sample = { number: this.#sample.number + 1, data };
      if (data !== undefined) this.#ring.wake();
      this.#tick();
    });
  }
}

/** Of several happenings that are told by how things are now, the last is enough. */
const lastOfEach = (happenings: readonly Numbered[]): readonly Numbered[] => {
  const last = new Map<string, Numbered>();
  for (const happening of happenings) {
    const { kind, id = '', number } = happening;
    const key = kind === 'log' ? `log ${number}` : `${kind} ${id}`;
    last.delete(key);
    last.set(key, happening);
  }
  return [...last.values()];
};
