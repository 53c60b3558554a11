import type { FileHandle } from 'node:fs/promises';

import type { HydrantError } from '../core/errors.ts';
import type { Chunk } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { Backlog } from '../store/backlog.ts';
import { type Batch, Batches } from '../store/batches.ts';
import { storeFailure } from '../store/failure.ts';
import { writeAll } from '../store/write-all.ts';
import { type Part, partsOf } from './block-sums.ts';
import { Unwritten } from './unwritten.ts';

/** Bytes that one stream may have taken and not written, and all of them together; one chunk each may come on top. */
const perStream = 768 * 1024;
const atMost = 8 * 1_048_576;

/** Who hears what became of the bytes. */
export interface WriterEvents {
  /** These were written. */
  written(parts: readonly Part[]): void;
  /** These could not be written, and are nowhere now. */
  lost(range: Range): void;
}

/** Brings the bytes of an entry to its data file, and has them to be read until they are there. */
export class Writer {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #events: WriterEvents;
  readonly #batches: Batches;
  #unwritten = new Unwritten();
  #backlog = new Backlog();
  #size = 0;
  /** Counts how often everything was forgotten. */
  #clears = 0;
  /** What writing waits for. */
  #barrier: Promise<unknown> = Promise.resolve();
  #failure: HydrantError | undefined;

  constructor(handle: FileHandle, path: string, events: WriterEvents) {
    this.#handle = handle;
    this.#path = path;
    this.#events = events;
    const failed = (error: unknown) => this.fail(error);
    this.#batches = new Batches((batch) => this.#put(batch), failed, atMost / 2);
  }

  /** Takes a chunk, no byte of which is here already. */
  take(start: number, chunk: Chunk): void {
    this.#size += chunk.bytes.length;
    this.#backlog.grow(chunk.bytes.length);
    this.#unwritten.add(start, chunk.bytes);
    this.#batches.add(start, chunk);
  }

  /** Undefined while the disk keeps up, else a promise for when it does. */
  wait(): Promise<void> | undefined {
    return this.#backlog.wait(Math.min(atMost, Math.max(1, this.#batches.streams) * perStream));
  }

  /** As `Unwritten.copy`. */
  copy(offset: number, target: Uint8Array): Range[] {
    return this.#unwritten.copy(offset, target);
  }

  /** The ranges that touch `range` and aren't written yet. */
  within(range: Range): Iterable<Range> {
    return this.#unwritten.within(range);
  }

  /** Waits until all that is here is written, as far as that works. */
  drain(): Promise<void> {
    return this.#batches.drain();
  }

  /** Waits until nothing of `range` is here any more. */
  async settle(range: Range): Promise<void> {
    while (this.#unwritten.touches(range)) await this.drain();
  }

  /** Forgets what is here at once, and writes nothing that comes after before `emptied`, begun when no earlier write runs, is done. */
  restart(emptied: () => Promise<void>): Promise<void> {
    this.#clears++;
    this.#unwritten = new Unwritten();
    this.#size = 0;
    const backlog = this.#backlog;
    this.#backlog = new Backlog();
    const dropped = this.#batches.drop();
    backlog.shrink(Number.POSITIVE_INFINITY);
    const barrier = dropped.then(emptied);
    this.#barrier = barrier;
    barrier.catch(() => undefined);
    return barrier;
  }

  /** Lets whoever waits, or else whoever comes next, know of `error`, once. */
  fail(error: unknown): void {
    const failure = storeFailure(error, 'write', this.#path);
    const backlog = this.#backlog;
    if (!backlog.waiting) this.#failure = failure;
    this.#backlog = new Backlog();
    this.#backlog.grow(this.#size);
    backlog.fail(failure);
  }

  /** Throws what went wrong since somebody was told last. */
  tell(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Writes what is here, as far as that works, and lets go of the rest. */
  async close(reason: Error): Promise<void> {
    await this.#batches.drain();
    await this.#batches.drop();
    this.#backlog.fail(reason);
  }

  async #put(batch: Batch): Promise<void> {
    const clears = this.#clears;
    try {
      await this.#barrier;
      const chunks = batch.chunks.map(({ bytes }) => bytes);
      const writing = writeAll(this.#handle.fd, chunks, batch.start);
      // Summed while they are written, in the time that would pass anyway.
      const parts = partsOf(batch.start, chunks);
      await writing;
      if (clears !== this.#clears) return;
      this.#gone(batch);
      this.#events.written(parts);
    } catch (error) {
      if (clears !== this.#clears) return;
      this.#gone(batch);
      this.#events.lost(batch);
      this.fail(error);
    }
  }

  #gone(batch: Batch): void {
    this.#unwritten.remove(batch);
    this.#size -= sizeOf(batch);
    this.#backlog.shrink(sizeOf(batch));
  }
}
