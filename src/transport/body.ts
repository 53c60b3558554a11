import { HydrantError } from '../core/errors.ts';
import type { Bytes, Chunk } from '../core/ports.ts';

/** Bytes that may wait unread before the connection is paused, and down to which they must be read before it goes on. */
const highMark = 262_144;
const lowMark = 131_072;
/** Chunks of a few bytes cost more than their bytes, so their number is bounded too. */
const chunkLimit = 1024;
/** What may be read and thrown away to save a connection: bytes, and milliseconds. */
const drainLimit = 65_536;
const drainTimeout = 250;

/** The hold that a body has on the connection that feeds it. */
export interface Feed {
  pause(): void;
  resume(): void;
  /** Gives the connection up at once. */
  cut(): void;
}

/** Bytes that wait unread, over all bodies that share it. */
export interface Tally {
  waiting: number;
}

type State = 'open' | 'draining' | 'ended' | 'failed' | 'closed';

interface Waiter {
  readonly resolve: (result: IteratorResult<Chunk>) => void;
  readonly reject: (error: HydrantError) => void;
}

const nothing = (): void => {};
const end: IteratorResult<Chunk> = { done: true, value: undefined };

/** A body between the parser that pushes into it and the one reader who takes from it. It is its own iterator. */
export class Body implements Bytes, AsyncIterator<Chunk> {
  readonly #feed: Feed;
  readonly #tally: Tally;
  /** Bytes still to come; undefined where only the end will tell. */
  #left: number | undefined;
  #state: State = 'open';
  #error: HydrantError | undefined;
  #queue: Uint8Array[] = [];
  #waiting = 0;
  #paused = false;
  #waiter: Waiter | undefined;
  #pending: Promise<IteratorResult<Chunk>> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(feed: Feed, tally: Tally, length: number | undefined) {
    this.#feed = feed;
    this.#tally = tally;
    this.#left = length;
  }

  /** From the connection: the next bytes; none where a parser that was paused at its last byte goes on. */
  push(bytes: Uint8Array): void {
    if (this.#left !== undefined) this.#left -= bytes.length;
    if (this.#state !== 'open' || bytes.length === 0) return;
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve({ done: false, value: { bytes, release: nothing } });
      return;
    }
    this.#queue.push(bytes);
    this.#count(bytes.length);
    if (this.#waiting > highMark || this.#queue.length > chunkLimit) {
      this.#paused = true;
      this.#feed.pause();
    }
  }

  /** From the connection: all bytes have come. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#state === 'draining') this.#state = 'closed';
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#waiter?.resolve(end);
    this.#waiter = undefined;
  }

  /** From the connection: no more bytes will come, and some are missing. Those that wait are forgotten when `now`. */
  fail(error: HydrantError, now = false): void {
    clearTimeout(this.#timer);
    if (this.#state === 'draining') this.#state = 'closed';
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    if (now) this.#forget();
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }

  next(): Promise<IteratorResult<Chunk>> {
    if (this.#waiter !== undefined && this.#pending !== undefined) {
      const again = () => this.next();
      return this.#pending.then(again, again);
    }
    const bytes = this.#queue.shift();
    if (bytes !== undefined) {
      this.#count(-bytes.length);
      if (this.#paused && this.#waiting <= lowMark && this.#queue.length <= chunkLimit / 2) this.#resume();
      return Promise.resolve({ done: false, value: { bytes, release: nothing } });
    }
    switch (this.#state) {
      case 'open':
        this.#pending = new Promise((resolve, reject) => {
          this.#waiter = { resolve, reject };
        });
        return this.#pending;
      case 'ended':
        return Promise.resolve(end);
      case 'failed':
        return Promise.reject(this.#error);
      default:
        return Promise.reject(new HydrantError('STOPPED', 'the body was closed before its end'));
    }
  }

  /** Called where a `for await` is left early. */
  return(): Promise<IteratorResult<Chunk>> {
    this.close();
    return Promise.resolve(end);
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    return this;
  }

  /** Forgets what waits and gives the connection up, or back where that costs little. A waiting reader gets STOPPED. */
  close(): void {
    if (this.#state === 'closed' || this.#state === 'draining') return;
    const open = this.#state === 'open';
    this.#state = 'closed';
    this.#forget();
    if (!open) return;
    this.#waiter?.reject(new HydrantError('STOPPED', 'the body was closed before its end'));
    this.#waiter = undefined;
    if (this.#left === undefined || this.#left > drainLimit) {
      this.#feed.cut();
      return;
    }
    this.#state = 'draining';
    this.#timer = setTimeout(() => this.#feed.cut(), drainTimeout);
    this.#timer.unref();
    if (this.#paused) this.#resume();
  }

  #resume(): void {
    this.#paused = false;
    this.#feed.resume();
  }

  #count(bytes: number): void {
    this.#waiting += bytes;
    this.#tally.waiting += bytes;
  }

  #forget(): void {
    this.#queue = [];
    this.#count(-this.#waiting);
  }
}
