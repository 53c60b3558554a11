/*
 * A download at rest: `NAME.part`, sparse and as long as the whole file, beside its journal `NAME.part.json` and a lock.
 * A byte passes four states: held (taken; in memory or further), written (the kernel has it), recorded (the journal says
 * so: a killed process keeps it), synced (a power cut keeps it). What is held and not recorded is bounded per stream, by
 * letting `write` wait: that is all a kill can cost.
 */
import { type FileHandle, rm } from 'node:fs/promises';

import { HydrantError } from '../core/errors.ts';
import type { Chunk, Store } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { Backlog } from './backlog.ts';
import { type Batch, Batches } from './batches.ts';
import { guarded, storeFailure } from './failure.ts';
import { Journal, type Note } from './journal.ts';
import { lock } from './lock.ts';
import { checkSpace, openPart, type PartialPaths, partialPaths, publish, recall } from './partial.ts';
import type { PartialFacts } from './record.ts';
import { shareOut } from './share.ts';
import { writeAll } from './write-all.ts';

/** Bytes that one stream may have taken and not recorded; 1 MiB is what a kill may cost, and one chunk more may come. */
const unsafePerStream = 768 * 1024;
/** The same over all streams, unless less memory is to be used. */
const unsafeAtMost = 8 * 1_048_576;
/** Milliseconds between syncs. */
const syncTime = 5_000;

/** What lies beside a final path from an earlier run: its facts, and the bytes that can be used again. */
export interface PartialFile extends PartialFacts {
  /** When it was begun, ISO 8601. */
  readonly created: string;
  readonly held: RangeSet;
  /** Bytes in `held`. */
  readonly bytes: number;
}

/** How to open a partial file. */
export interface FileStoreOptions {
  /** What the file is; secrets in its URLs are left out of the journal. */
  readonly facts: PartialFacts;
  /** Whether the bytes that an earlier run left are bytes of this very file. False: they are overwritten. */
  readonly keep: boolean;
  /** Milliseconds between syncs, 5000 unless told otherwise. */
  readonly syncTime?: number;
  /** Bytes that may be in memory, but for one chunk of each stream; 8 MiB unless told otherwise, and never more. */
  readonly buffer?: number;
}

/** The partial file of a download. Only one process at a time has it open. */
export class FileStore implements Store {
  readonly held: RangeSet;
  /** Where the file will be once it is finished. */
  readonly path: string;
  /** Where its bytes are until then. */
  readonly partPath: string;
  readonly #paths: PartialPaths;
  readonly #handle: FileHandle;
  readonly #unlock: () => Promise<void>;
  readonly #backlog = new Backlog();
  readonly #journal: Journal;
  readonly #batches: Batches;
  readonly #timer: NodeJS.Timeout;
  readonly #unsafeAtMost: number;
  #length: number;
  #failure: HydrantError | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #end: Promise<void> | undefined;

  private constructor(
    path: string,
    opened: { handle: FileHandle; unlock: () => Promise<void> },
    note: Note,
    { syncTime: interval = syncTime, buffer = unsafeAtMost }: FileStoreOptions,
  ) {
    this.path = path;
    this.#paths = partialPaths(path);
    this.partPath = this.#paths.part;
    this.#handle = opened.handle;
    this.#unlock = opened.unlock;
    this.#unsafeAtMost = Math.min(unsafeAtMost, buffer);
    this.#length = note.length ?? Number.POSITIVE_INFINITY;
    this.held = new RangeSet(note.safe.written);
    const failed = (error: unknown) => this.#fail(error);
    this.#journal = new Journal(this.#paths.journal, note, (size) => this.#backlog.shrink(size), failed);
    this.#batches = new Batches((batch) => this.#put(batch), failed, this.#unsafeAtMost / 2);
    this.#timer = setInterval(() => void this.#sync().catch(failed), interval).unref();
  }

  /** What lies beside `path` from an earlier run; undefined where that is nothing to go on from. Touches nothing. */
  static async peek(path: string): Promise<PartialFile | undefined> {
    const note = await recall(partialPaths(path));
    if (note === undefined) return undefined;
    const { created, urls, length, validators, safe } = note;
    return { created, urls, length, validators, held: safe.written, bytes: safe.written.size };
  }

  /**
   * Opens the partial file of `path`. Rejects with DISK_FULL where the whole can't fit, and with STORE_FAILED where the
   * file can't be made or another process has it open.
   */
  static async open(path: string, options: FileStoreOptions): Promise<FileStore> {
    const { facts, keep } = options;
    const paths = partialPaths(path);
    const unlock = await guarded('create', paths.part, () => lock(paths.lock));
    if (typeof unlock !== 'function') {
      throw new HydrantError('STORE_FAILED', `${path} is being downloaded by process ${unlock.pid} already`);
    }
    let opened: FileStore | undefined;
    try {
      const earlier = await recall(paths);
      const { length = Number.POSITIVE_INFINITY } = facts;
      if (facts.length !== undefined) await guarded('use', paths.part, () => checkSpace(paths.part, length));
      const kept = keep ? earlier : undefined;
      const safe = kept?.safe ?? { written: new RangeSet(), synced: new RangeSet() };
      for (const set of Object.values(safe)) set.remove({ start: length, end: Number.POSITIVE_INFINITY });
      const note = { ...facts, created: kept?.created ?? new Date().toISOString(), safe };
      const handle = await guarded('open', paths.part, () => openPart(paths.part));
      opened = new FileStore(path, { handle, unlock }, note, options);
      await opened.#begin(earlier !== undefined);
      return opened;
    } catch (error) {
      await (opened === undefined ? unlock() : opened.close());
      throw error;
    }
  }

  write(offset: number, chunk: Chunk): Promise<void> | undefined {
    const range = { start: offset, end: offset + chunk.bytes.length };
    const refusal = this.#refusal(range);
    if (refusal !== undefined) {
      chunk.release();
      throw refusal;
    }
    for (const part of shareOut(offset, chunk, [...this.held.gaps(range)])) {
      this.held.add(part.range);
      this.#backlog.grow(sizeOf(part.range));
      this.#batches.add(part.range.start, part.chunk);
    }
    return this.#backlog.wait(this.#unsafe);
  }

  async read(range: Range): Promise<Uint8Array> {
    if (!this.held.covers(range)) {
      throw new HydrantError('STORE_FAILED', `bytes ${range.start} to ${range.end} are not in ${this.partPath}`);
    }
    if (!this.#journal.covers(range)) await this.#drain();
    return guarded('read', this.partPath, async () => {
      const bytes = new Uint8Array(sizeOf(range));
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, range.start + done);
        if (bytesRead === 0) throw new Error('it is shorter than it was');
        done += bytesRead;
      }
      return bytes;
    });
  }

  resize(length: number): Promise<void> {
    return this.#alone(async () => {
      if (length === this.#length) return;
      const lost = { start: length, end: Number.POSITIVE_INFINITY };
      this.#length = length;
      await this.#drain();
      await guarded('use', this.partPath, () => checkSpace(this.partPath, length));
      await this.#journal.rewrite({ facts: { ...this.#journal.facts, length }, lost });
      this.held.remove(lost);
      await guarded('resize', this.partPath, () => this.#handle.truncate(length));
    });
  }

  /** The journal forgets `range` before the store does, so that a kill in between brings nothing back. */
  discard(range: Range): Promise<void> {
    return this.#alone(async () => {
      await this.#drain();
      await this.#journal.rewrite({ lost: range });
      this.held.remove(range);
    });
  }

  async flush(): Promise<void> {
    await this.#drain();
    await this.#journal.settled();
  }

  /**
   * Syncs the whole file and gives it its final name, never instead of another file unless `replace`. Rejects with
   * STORE_FAILED where that name is taken or can't be given; everything is then still there.
   */
  async finish({ mtime, replace = false }: { readonly mtime?: Date; readonly replace?: boolean } = {}): Promise<void> {
    await this.flush();
    if (this.held.size !== this.#length) throw new Error(`${this.held.size} of ${this.#length} bytes are no whole file`);
    await guarded('sync', this.partPath, async () => {
      if (mtime !== undefined) await this.#handle.utimes(mtime, mtime);
      await this.#handle.datasync();
    });
    await guarded('create', this.path, () => publish(this.partPath, this.path, replace));
    await this.#leave(async () => [this.#paths.journal]);
  }

  /** Gives the download up: nothing of it is left. */
  abandon(): Promise<void> {
    return this.#leave(async () => {
      await this.#batches.drop();
      return [this.#paths.journal, this.partPath];
    });
  }

  /** Writes and records what is in memory, as far as that still works, and keeps the partial file for another time. */
  close(): Promise<void> {
    return this.#leave(async () => {
      await this.#batches.drain();
      return this.held.size === 0 ? [this.#paths.journal, this.partPath] : [];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(replacing: boolean): Promise<void> {
    await this.#journal.rewrite({ durable: replacing });
    await guarded('resize', this.partPath, async () => {
      if (this.held.size === 0) await this.#handle.truncate(0);
      if (Number.isFinite(this.#length)) await this.#handle.truncate(this.#length);
    });
  }

  /** Bytes that may be held and not recorded now. */
  get #unsafe(): number {
    return Math.min(this.#unsafeAtMost, Math.max(1, this.#batches.streams) * unsafePerStream);
  }

  #refusal(range: Range): Error | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#end !== undefined) return new HydrantError('STORE_FAILED', `${this.partPath} is closed`);
    return range.end <= this.#length ? undefined : new Error(`bytes up to ${range.end} were written to a file of ${this.#length}`);
  }

  async #put(batch: Batch): Promise<void> {
    await writeAll(
      this.#handle.fd,
      batch.chunks.map(({ bytes }) => bytes),
      batch.start,
    );
    this.#journal.written(batch);
    const idle = this.#backlog.waiting && this.#batches.waiting === 0;
    if (idle || this.#journal.unrecorded >= this.#unsafe / 4) this.#journal.hurry();
  }

  async #drain(): Promise<void> {
    await this.#batches.drain();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Data first, then the note: the other way round a power cut would leave a lie. */
  #sync(): Promise<void> {
    return this.#alone(async () => {
      const ranges = this.#journal.unsynced;
      if (ranges.length === 0) return;
      await guarded('sync', this.partPath, () => this.#handle.datasync());
      await this.#journal.synced(ranges);
    });
  }

  /** Runs `work` when what else changes the whole file is done. */
  #alone(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch((error: unknown) => this.#fail(error));
    return turn;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#end !== undefined) return;
    this.#failure = storeFailure(error, 'write', this.partPath);
    this.#backlog.fail(this.#failure);
    void this.#batches.drop();
  }

  /** Lets go of everything once `last` is done, and removes the files that it names. */
  #leave(last: () => Promise<readonly string[]>): Promise<void> {
    this.#end ??= (async () => {
      clearInterval(this.#timer);
      try {
        const leftovers = await last();
        await this.#last;
        // What the journal can't take any more was never promised to be there next time.
        await this.#journal.close().catch(() => undefined);
        this.#backlog.fail(new HydrantError('STORE_FAILED', `${this.partPath} is closed`));
        await this.#handle.close();
        for (const path of leftovers) await rm(path, { force: true });
      } finally {
        await this.#unlock();
      }
    })();
    return this.#end;
  }
}
