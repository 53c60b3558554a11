import type { Chunk } from '../core/ports.ts';
import type { Range } from '../core/range.ts';

/** Chunks that follow each other, to be written in one go. */
export interface Batch extends Range {
  readonly chunks: readonly Chunk[];
}

interface OpenBatch {
  readonly start: number;
  end: number;
  readonly chunks: Chunk[];
}

interface Queued {
  readonly batch: Batch;
  readonly settle: () => void;
}

/** Size of one write: half the cost per byte of 64 KiB, and more gains little. */
const batchSize = 256 * 1024;
/** Most chunks of one batch: small ones may each hold a slab of 64 KiB. */
const batchCount = 32;
/** Milliseconds after which a batch is written though it isn't full. */
const gatherTime = 200;
/** Writes at once. The kernel lets one at a time into a file: a second keeps it busy, more only take threads from others. */
const writesAtOnce = 2;

const release = (chunks: readonly Chunk[]): void => {
  for (const chunk of chunks) chunk.release();
};

/**
 * Gathers the chunks of several streams, each going on where its last chunk ended, and hands them to `write` in batches.
 * The chunks are written from where they are: copying them into one buffer cost 0.1–0.2 s of CPU per GiB on tmpfs.
 */
export class Batches {
  readonly #write: (batch: Batch) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #gathered: number;
  /** By the offset where the next chunk is expected. An empty one marks a stream that was here a moment ago. */
  readonly #open = new Map<number, OpenBatch>();
  readonly #queue: Queued[] = [];
  readonly #unsettled = new Set<Promise<void>>();
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `write` brings a batch to its medium; its chunks are released afterwards. What it throws goes to `failed`. At most `gathered` bytes are kept back over all streams. */
  constructor(write: (batch: Batch) => Promise<void>, failed: (error: unknown) => void, gathered: number) {
    this.#write = write;
    this.#failed = failed;
    this.#gathered = gathered;
  }

  /** How many streams come in now. */
  get streams(): number {
    return this.#open.size;
  }

  /** How many batches wait to be written. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes a chunk, no byte of which may be in another one that isn't written yet. */
  add(start: number, chunk: Chunk): void {
    const batch = this.#open.get(start) ?? { start, end: start, chunks: [] };
    this.#open.delete(start);
    batch.chunks.push(chunk);
    batch.end += chunk.bytes.length;
    this.#open.set(batch.end, batch);
    const enough = Math.min(batchSize, this.#gathered / this.#open.size);
    if (batch.end - batch.start >= enough || batch.chunks.length >= batchCount) this.#submit(batch.end);
    this.#timer ??= setInterval(() => this.#tick(), gatherTime).unref();
  }

  /** Writes everything taken so far and waits for that, not for what comes meanwhile; resolves after a failure too. */
  async drain(): Promise<void> {
    for (const end of [...this.#open.keys()]) this.#submit(end);
    await Promise.all(this.#unsettled);
  }

  /** Lets go of everything that isn't being written, and waits for what is. */
  async drop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const { chunks } of this.#open.values()) release(chunks);
    this.#open.clear();
    for (const { batch, settle } of this.#queue.splice(0)) {
      release(batch.chunks);
      settle();
    }
    await Promise.all(this.#unsettled);
  }

  #submit(end: number): void {
    const batch = this.#open.get(end);
    if (batch === undefined || batch.chunks.length === 0) return;
    this.#open.set(end, { start: end, end, chunks: [] });
    const settled = new Promise<void>((settle) => this.#queue.push({ batch, settle }));
    this.#unsettled.add(settled);
    void settled.then(() => this.#unsettled.delete(settled));
    this.#pump();
  }

  #tick(): void {
    for (const [end, batch] of [...this.#open]) {
      if (batch.chunks.length === 0) this.#open.delete(end);
      else this.#submit(end);
    }
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #pump(): void {
    while (this.#running < writesAtOnce) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#running++;
      void this.#carry(next);
    }
  }

  async #carry({ batch, settle }: Queued): Promise<void> {
    try {
      await this.#write(batch);
    } catch (error) {
      this.#failed(error);
    } finally {
      release(batch.chunks);
      this.#running--;
      settle();
      this.#pump();
    }
  }
}
