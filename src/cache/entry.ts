/*
 * One stored representation: a sparse data file, a map of its whole blocks with their sums, and its facts. A byte is held
 * once it was taken, and read from memory until it is written; a block counts for good, so that the next process finds
 * it, once all of it was written and its record is in the map. Nothing is synced for that: what a crash loses of a
 * block's bytes is found by its sum, which is checked when a block of an earlier use is first read.
 */
import { randomInt } from 'node:crypto';
import { rename } from 'node:fs/promises';

import { HydrantError } from '../core/errors.ts';
import type { Chunk, Store } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import type { RangeSet } from '../core/range-set.ts';
import { guarded } from '../store/failure.ts';
import { shareOut } from '../store/share.ts';
import { BlockMap } from './block-map.ts';
import { blockRange, blocksOf } from './blocks.ts';
import { CheckedFile } from './checked-file.ts';
import { type EntryFacts, factsText, type KeptFacts } from './entry-facts.ts';
import { type EntryFiles, entryPaths, openFiles, readFacts, wholeBlocks, writeFacts } from './entry-files.ts';
import { Ledger } from './ledger.ts';
import { endlessRoom, type Room } from './room.ts';
import { type EntryStats, statsOf } from './stats.ts';
import { Writer } from './writer.ts';

/** Longer files than ext4 has; a map of one would be 128 MiB. */
const longest = 16 * 1024 ** 4;
const everything: Range = { start: 0, end: Number.POSITIVE_INFINITY };

/** How to open an entry. */
export interface EntryOptions {
  /** Whether what an earlier use left is of this representation, as far as `kept` says; without it nothing is. */
  readonly keep?: (kept: EntryFacts) => boolean;
  readonly room?: Room;
  /** Gives back one use of the entry; without it that closes the entry. */
  readonly release?: (entry: Entry) => Promise<void>;
}

/** What is opened together. */
interface Opened {
  readonly folder: string;
  readonly files: EntryFiles;
  readonly kept: KeptFacts;
  readonly sums: Map<number, number>;
}

const newGeneration = (): number => randomInt(2 ** 48 - 1);

const checkLength = (length = 0): void => {
  if (length > longest) throw new HydrantError('DISK_FULL', `${length} bytes are more than the cache takes of one file`);
};

/** A stored representation that is open. Shared by whoever uses it; `release` gives a use back. */
export class Entry implements Store {
  readonly #data: EntryFiles['data'];
  readonly #room: Room;
  readonly #release: (entry: Entry) => Promise<void>;
  readonly #map: BlockMap;
  readonly #ledger: Ledger;
  readonly #writer: Writer;
  readonly #file: CheckedFile;
  readonly #watchers = new Set<(lost: Range) => void>();
  #folder: string;
  #kept: KeptFacts;
  #last: Promise<unknown> = Promise.resolve();
  #end: Promise<void> | undefined;

  private constructor({ folder, files, kept, sums }: Opened, { room = endlessRoom, release }: EntryOptions) {
    this.#folder = folder;
    this.#data = files.data;
    this.#kept = kept;
    this.#room = room;
    this.#release = release ?? ((entry) => entry.close());
    const { data, map } = entryPaths(folder);
    this.#map = new BlockMap(files.map, map, kept.generation);
    this.#ledger = new Ledger(kept.facts.length ?? everything.end, sums, this.#map);
    this.#writer = new Writer(files.data, data, {
      written: (parts) => {
        for (const part of parts) if (this.#ledger.written(part)) this.#sum(blocksOf(part).start);
      },
      lost: (range) => this.#drop(range),
    });
    this.#file = new CheckedFile(files.data, this.#ledger, (range) => this.#drop(range));
  }

  /** Opens the entry in `folder`, making it where it is missing. Rejects with STORE_FAILED or DISK_FULL. */
  static async open(folder: string, facts: EntryFacts, options: EntryOptions = {}): Promise<Entry> {
    checkLength(facts.length);
    const files = await openFiles(folder);
    try {
      const earlier = await guarded('read', folder, () => readFacts(folder));
      const keep = earlier !== undefined && options.keep?.(earlier.facts) === true;
      const length = facts.length ?? (keep ? earlier.facts.length : undefined);
      const kept = { facts: { ...facts, length }, generation: keep ? earlier.generation : newGeneration() };
      const sums = keep ? await guarded('read', folder, () => wholeBlocks(files, kept)) : new Map<number, number>();
      // Old records go before new facts come. Should a power cut bring them back, their generation is another one.
      if (!keep) await guarded('empty', folder, () => Promise.all([files.map.truncate(0), files.data.truncate(0)]));
      if (earlier === undefined || factsText(earlier) !== factsText(kept)) await writeFacts(folder, kept);
      await guarded('resize', folder, () => files.data.truncate(length ?? 0));
      return new Entry({ folder, files, kept, sums }, options);
    } catch (error) {
      await Promise.all([files.data.close(), files.map.close()]);
      throw error;
    }
  }

  get held(): RangeSet {
    return this.#ledger.held;
  }

  get facts(): EntryFacts {
    return this.#kept.facts;
  }

  /** Where it lies now. */
  get folder(): string {
    return this.#folder;
  }

  /** What of it counts for good. */
  get stats(): EntryStats {
    return statsOf(this.facts, this.#ledger.whole);
  }

  /** Calls `lost` with every range that was held and is no longer, until the returned function is called. */
  onLost(lost: (range: Range) => void): () => void {
    this.#watchers.add(lost);
    return () => this.#watchers.delete(lost);
  }

  /** What goes wrong is told once: the entry can be used on, and holds what could be written. */
  write(offset: number, chunk: Chunk): Promise<void> | undefined {
    const range = { start: offset, end: offset + chunk.bytes.length };
    let gaps: Range[];
    let room: Promise<void> | undefined;
    try {
      this.#refuse(range);
      gaps = [...this.held.gaps(range)];
      if (gaps.length > 0) room = this.#room.take(gaps.reduce((sum, gap) => sum + sizeOf(gap), 0));
    } catch (error) {
      chunk.release();
      throw error;
    }
    for (const part of shareOut(offset, chunk, gaps)) {
      this.held.add(part.range);
      this.#writer.take(part.range.start, part.chunk);
    }
    const behind = this.#writer.wait();
    if (room === undefined) return behind;
    const both = Promise.all([room, behind]).then(() => undefined);
    // Whoever asked sees the failure; nobody has to have asked.
    both.catch(() => undefined);
    return both;
  }

  /** Rejects with STORE_FAILED also where bytes turn out to be damaged; these are no longer held then, and `onLost` was told. */
  async read(range: Range): Promise<Uint8Array> {
    this.#has(range);
    const bytes = Buffer.allocUnsafeSlow(sizeOf(range));
    await this.readInto(range.start, bytes);
    return bytes;
  }

  /** Reads as many held bytes from `offset` on as `target` has room for; otherwise as `read`. */
  async readInto(offset: number, target: Uint8Array): Promise<void> {
    for (let losses: number | undefined; losses !== this.#ledger.losses; ) {
      // What goes while it is read may be overwritten under the read.
      losses = this.#ledger.losses;
      this.#has({ start: offset, end: offset + target.length });
      for (const part of this.#writer.copy(offset, target)) {
        await this.#file.readInto(part.start, target.subarray(part.start - offset, part.end - offset));
      }
    }
  }

  /** Rejects with DISK_FULL also where that is more than is taken of any file. */
  resize(length: number): Promise<void> {
    return this.#alone(async () => {
      const shorter = Math.min(length, this.#ledger.length);
      if (length === this.#ledger.length) return;
      checkLength(length);
      this.#kept = { ...this.#kept, facts: { ...this.facts, length } };
      await this.#check(blocksOf({ start: shorter - 1, end: shorter }).start);
      await this.#writer.settle({ start: length, end: everything.end });
      this.#drop({ start: length, end: everything.end });
      const unsummed = this.#ledger.resize(length, this.#writer.within(everything));
      if (unsummed !== undefined) this.#sum(unsummed);
      await this.#map.flush(true);
      await writeFacts(this.#folder, this.#kept);
      await guarded('resize', this.#folder, () => this.#data.truncate(length));
    });
  }

  /** No power cut brings the bytes back once it resolves. */
  discard(range: Range): Promise<void> {
    return this.#alone(async () => {
      const { start, end } = blocksOf({ start: range.start, end: Math.min(range.end, this.#ledger.length) });
      // Of a block that loses only some bytes the others must be right.
      for (const block of [start, end - 1]) await this.#check(block);
      await this.#writer.settle(range);
      this.#drop(range);
      await this.#map.flush(true);
    });
  }

  /** Forgets all bytes, and takes new ones at once; resolves with how many there were. */
  clear(): Promise<number> {
    return this.#alone(async () => {
      const freed = this.held.size;
      this.#kept = { ...this.#kept, generation: newGeneration() };
      const emptied = this.#writer.restart(async () => {
        await this.#map.restart(this.#kept.generation);
        await guarded('empty', this.#folder, () => this.#data.truncate(0));
        await writeFacts(this.#folder, this.#kept);
        await guarded('resize', this.#folder, () => this.#data.truncate(this.facts.length ?? 0));
      });
      this.#drop(everything);
      await emptied;
      return freed;
    });
  }

  /** Keeps other facts of the same representation: when it was validated, for how long it is fresh, where it is found. Its extent stays. */
  update(facts: Partial<EntryFacts>): Promise<void> {
    return this.#alone(async () => {
      const { length, volumes } = this.facts;
      this.#kept = { ...this.#kept, facts: { ...this.facts, ...facts, length, volumes } };
      await writeFacts(this.#folder, this.#kept);
    });
  }

  /** Brings the entry to another folder, which isn't there yet. Rejects with STORE_FAILED. */
  move(folder: string): Promise<void> {
    return this.#alone(async () => {
      await guarded('rename', this.#folder, () => rename(this.#folder, folder));
      this.#folder = folder;
    });
  }

  /** Waits until all that was taken is written and all whole blocks count for good. */
  async flush(): Promise<void> {
    await this.#writer.drain();
    await this.#last;
    try {
      await this.#map.flush();
    } finally {
      this.#writer.tell();
    }
  }

  /** Gives this use back; once nobody uses the entry the cache closes it when it sees fit. */
  release(): Promise<void> {
    return this.#release(this);
  }

  /** Writes what is in memory, as far as that works. */
  close(): Promise<void> {
    this.#end ??= (async () => {
      await this.#writer.close(this.#closed);
      await this.#last;
      await Promise.all([this.#map.close(), this.#data.close()]);
    })();
    return this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  get #closed(): HydrantError {
    return new HydrantError('STORE_FAILED', `${this.#folder} is closed`);
  }

  #refuse(range: Range): void {
    if (this.#end !== undefined) throw this.#closed;
    this.#writer.tell();
    const { length = everything.end } = this.facts;
    if (range.end > length) throw new Error(`bytes up to ${range.end} were written to a file of ${length}`);
  }

  #has(range: Range): void {
    if (this.#end !== undefined) throw this.#closed;
    if (this.held.covers(range)) return;
    throw new HydrantError('STORE_FAILED', `bytes ${range.start} to ${range.end} are not in ${this.#folder}`);
  }

  #drop(range: Range): void {
    const lost = this.#ledger.drop(range, this.#writer.within(everything));
    for (const part of lost) {
      this.#room.give(sizeOf(part));
      for (const watcher of [...this.#watchers]) watcher(part);
    }
  }

  async #check(block: number): Promise<void> {
    if (this.#ledger.unchecked(block) !== undefined) await this.#file.check(block);
  }

  /** Has the sum of `block`, which is all written, computed from the file. */
  #sum(block: number): void {
    void this.#alone(async () => {
      const range = blockRange(block, this.#ledger.length);
      if (!this.held.covers(range)) return;
      await this.#writer.settle(range);
      const sum = await this.#file.sum(block);
      if (sum !== undefined) this.#ledger.settle(block, sum);
    }).catch((error: unknown) => this.#writer.fail(error));
  }

  /** Runs `work` when what else changes the whole entry is done. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
