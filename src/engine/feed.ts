/**
 * One file for many readers: however many there are, and wherever they stand, one transfer brings every byte once, into
 * a store that all of them read. Each reader may be fetched ahead of by a window; windows that overlap are one want. A
 * reader who has least is served first, so that none starves; filling the whole store comes after all readers.
 */
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Chunk, SharedStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import type { Demand, TransferOptions, Want } from './demand.ts';
import { Seat } from './seat.ts';
import type { Sources } from './sources.ts';
import { Transfer } from './transfer.ts';
import { windowsOf } from './windows.ts';

export interface FeedOptions extends TransferOptions {
  /** Bytes that are fetched ahead of one reader at most. */
  readonly window: number;
  /** Bytes ahead of all readers together; windows shrink to keep within. */
  readonly budget: number;
  /** Is told of a failure that ended a transfer. */
  readonly failed?: (error: HydrantError) => void;
}

/** Size of what is given out at once, to few readers and to many. */
const largePiece = 256 * 1024;
const smallPiece = 64 * 1024;
const few = 64;

/** Size of the pieces for each of so many readers. */
export const pieceFor = (readers: number): number => (readers <= few ? largePiece : smallPiece);
/** Times that bytes which were there may turn out to be lost before a reader is told. */
const lossLimit = 3;

export class Feed implements Demand {
  readonly #sources: Sources;
  readonly #store: SharedStore;
  readonly #options: FeedOptions;
  readonly #seats = new Set<Seat>();
  readonly #closing = new AbortController();
  #wants: readonly Want[] | undefined;
  #transfer: Transfer | undefined;
  #running: Promise<void> = Promise.resolve();
  #filling = false;
  #fillError: HydrantError | undefined;
  #unproven: boolean;
  #window: number;
  delivered = 0;

  constructor(sources: Sources, store: SharedStore, options: FeedOptions) {
    this.#sources = sources;
    this.#store = store;
    this.#options = options;
    this.#unproven = options.unproven === true;
    this.#window = options.window;
  }

  get readers(): number {
    return this.#seats.size;
  }

  /** Requests under way for this file. */
  get connections(): number {
    return this.#transfer?.progress.connections ?? 0;
  }

  /** Whether the whole is being brought, beyond what readers want. */
  get filling(): boolean {
    return this.#filling;
  }

  /** Why bringing the whole ended early. */
  get fillError(): HydrantError | undefined {
    return this.#fillError;
  }

  /** Begins to bring the whole, or stops that at once. */
  fill(on: boolean): void {
    this.#filling = on;
    if (on) this.#fillError = undefined;
    this.#changed();
  }

  /** The bytes of `range` in order. Ends only after the last; release each chunk, in order, when it is done with. */
  async *read(range: Range, signal: AbortSignal): AsyncGenerator<Chunk, void, void> {
    const seat = new Seat(range);
    const stop = (): void => seat.fail(new HydrantError('STOPPED', 'stopped', { cause: signal.reason }));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted || this.#closing.signal.aborted) stop();
    this.#seats.add(seat);
    this.#changed();
    try {
      for (let losses = 0; ; ) {
        if (seat.error !== undefined) throw seat.error;
        const end = Math.min(range.end, this.#sources.layout.length ?? Number.POSITIVE_INFINITY);
        if (seat.next >= end) return;
        if (this.#store.held.runFrom(seat.next) === seat.next) {
          const woken = seat.wait();
          if (this.#transfer === undefined) this.#begin();
          await woken;
          continue;
        }
        const chunk = await this.#piece(seat, end);
        if (chunk !== undefined) {
          losses = 0;
          this.delivered++;
          yield this.#handed(seat, chunk);
        } else if (++losses > lossLimit) throw new HydrantError('STORE_FAILED', 'the cache loses what is written to it');
        else this.#changed();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#seats.delete(seat);
      this.#changed();
    }
  }

  /** Whether readers have gone past `start` and what was there is gone. */
  behind(start: number): boolean {
    if (this.#seats.size === 0 || this.#store.held.runFrom(start) > start) return false;
    for (const { head } of this.#seats) if (head <= start) return false;
    return true;
  }

  wants(): readonly Want[] {
    this.#wants ??= this.#collect();
    return this.#wants;
  }

  /** Ends every reader with STOPPED, and the transfer. */
  async close(error = new HydrantError('STOPPED')): Promise<void> {
    this.#closing.abort();
    this.#filling = false;
    for (const seat of this.#seats) seat.fail(error);
    await this.#running;
  }

  async #piece(seat: Seat, end: number): Promise<Chunk | undefined> {
    try {
      return await this.#store.piece(seat.next, Math.min(pieceFor(this.#seats.size), end - seat.next));
    } catch (error) {
      if (this.#store.held.runFrom(seat.next) > seat.next) throw toHydrantError(error, 'STORE_FAILED');
      return undefined;
    }
  }

  /** `chunk` as `seat` gets it: what is released counts as read. */
  #handed(seat: Seat, chunk: Chunk): Chunk {
    seat.next += chunk.bytes.length;
    const { next } = seat;
    const release = (): void => {
      chunk.release();
      if (next <= seat.head) return;
      seat.head = next;
      if (seat.worthTelling(this.#window)) this.#changed();
    };
    return { bytes: chunk.bytes, release };
  }

  #collect(): readonly Want[] {
    const { window, budget } = this.#options;
    const { wants, size } = windowsOf(this.#seats, { window, budget }, this.#store.held);
    this.#window = size;
    const whole = { start: 0, end: Number.POSITIVE_INFINITY };
    const rest: Want[] = this.#filling ? [{ ...whole, last: whole.end, ordered: false }] : [];
    this.#store.keep(this.#filling ? [whole] : wants);
    return [...wants, ...rest];
  }

  #changed(): void {
    this.#wants = undefined;
    if (this.#transfer !== undefined) this.#transfer.changed();
    else this.#begin();
  }

  #begin(): void {
    const length = this.#sources.layout.length ?? Number.POSITIVE_INFINITY;
    const lacking = ({ start, last }: Want): boolean => !this.#store.held.covers({ start, end: Math.min(last, length) });
    if (this.#closing.signal.aborted || !this.wants().some(lacking)) return;
    const transfer = new Transfer(this.#sources, this.#store, this, { ...this.#options, unproven: this.#unproven });
    this.#transfer = transfer;
    transfer.onHeld = () => this.#wake();
    this.#running = transfer.run(this.#closing.signal).then(
      () => this.#ended(),
      (error: unknown) => this.#ended(toHydrantError(error, 'STORE_FAILED')),
    );
  }

  #ended(error?: HydrantError): void {
    this.#transfer = undefined;
    this.#wants = undefined;
    if (error === undefined) {
      this.#unproven = false;
      const { length } = this.#sources.layout;
      if (this.#filling && length !== undefined && this.#store.held.covers({ start: 0, end: length })) this.#filling = false;
      this.#wake();
      this.#begin();
      return;
    }
    if (error.code !== 'STOPPED') this.#options.failed?.(error);
    if (this.#filling) {
      // What only the fill wants may be what failed: readers are given a try without it.
      this.#filling = false;
      this.#fillError = error;
      this.#begin();
    } else for (const seat of this.#seats) if (seat.waiting) seat.fail(error);
  }

  #wake(): void {
    for (const seat of this.#seats) if (seat.waiting && this.#store.held.runFrom(seat.next) > seat.next) seat.wake();
    if (this.#sources.layout.length !== undefined) for (const seat of this.#seats) seat.wakeAtEnd(this.#sources.layout.length);
  }
}
