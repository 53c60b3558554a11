/*
 * The cache's folder: an entry per key, opened for whoever uses it and shared by all who do. What nobody uses is given
 * up, the longest unused first, when the whole grows too large or the disk too full. A folder belongs to one process.
 */
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { HydrantError } from '../core/errors.ts';
import { guarded } from '../store/failure.ts';
import { lock } from '../store/lock.ts';
import { Entry } from './entry.ts';
import { type EntryFacts, isFresh, sameness } from './entry-facts.ts';
import { entryPaths, peekEntry, readFacts, writeFacts } from './entry-files.ts';
import { diskOf, findEntries, gonePath, isKey, removeEntry, removeGone, sizeOnDisk } from './folder.ts';
import { type Bounds, DiskRoom, type Room } from './room.ts';
import type { EntryStats } from './stats.ts';

const largest = 10 * 1024 ** 3;
/** What stays free unless told otherwise: enough for logs and the system, and little of a small disk. */
const floorAtMost = 1024 ** 3;
const floorShare = 0.05;
/** Entries that stay open though nobody uses them: what was checked of them stays known, for two file handles each. */
const idleAtMost = 32;
/** Entries at most, whatever their size: each costs files, and time at the next start. */
const entriesAtMost = 50_000;

/** How large the cache may be. */
export interface CacheOptions {
  /** Bytes held at most; the lesser of 10 GiB and a tenth of the disk unless told otherwise. */
  readonly size?: number;
  /** Bytes left free on the disk; the lesser of 1 GiB and a twentieth of the disk unless told otherwise. */
  readonly floor?: number;
  /** Bytes that can still be written to the disk; asked of the system unless told otherwise. */
  readonly free?: () => Promise<number>;
}

interface Known {
  key: string;
  size: number;
  usedAt: number;
  users: number;
  entry: Entry | undefined;
  /** Whether its place was taken by another representation: it is removed after the last use. */
  replaced: boolean;
}

/** The cache in a folder. */
export class Cache {
  readonly folder: string;
  readonly #unlock: () => Promise<void>;
  readonly #room: DiskRoom;
  readonly #known = new Map<string, Known>();
  readonly #replaced = new Set<Known>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #limit: number;
  #usedLast = 0;
  #closing: Promise<void> | undefined;

  private constructor(folder: string, unlock: () => Promise<void>, bounds: Bounds) {
    this.folder = folder;
    this.#unlock = unlock;
    this.#limit = bounds.size;
    this.#room = new DiskRoom(bounds, (need) => this.#evict(need));
  }

  /** Opens the cache in `folder`, making it where it is missing. Rejects with STORE_FAILED, also where another process has it open. */
  static async open(folder: string, options: CacheOptions = {}): Promise<Cache> {
    await guarded('create', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    const unlock = await guarded('use', folder, () => lock(join(folder, 'lock')));
    if (typeof unlock !== 'function') {
      throw new HydrantError('STORE_FAILED', `the cache in ${folder} is in use by process ${unlock.pid} already`);
    }
    try {
      await removeGone(folder);
      const disk = await guarded('use', folder, () => diskOf(folder));
      const { size = Math.min(largest, disk.size / 10), floor = Math.min(floorAtMost, disk.size * floorShare) } = options;
      const free = options.free ?? (async () => (await diskOf(folder)).free);
      const cache = new Cache(folder, unlock, { size, floor, free });
      await cache.#begin();
      return cache;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Bytes that the cache takes up over all entries. */
  get bytes(): number {
    return this.#room.held;
  }

  /** Bytes that it holds at most. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** The keys of all entries. */
  get keys(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Whether anything may be held under `key`. */
  has(key: string): boolean {
    return this.#known.has(key);
  }

  /**
   * Opens the entry `key` for one more user, who gives it back by `release`. What it holds is kept where it is of the
   * representation that `facts` tell of; where it isn't, whoever uses it goes on with what is theirs, and this is a new
   * one. Rejects with STORE_FAILED, or DISK_FULL for a file too long to be cached.
   */
  use(key: string, facts: EntryFacts): Promise<Entry> {
    return this.#inTurn(key, async () => {
      const now = this.#now();
      const earlier = this.#known.get(key);
      const opened = earlier?.entry;
      if (earlier !== undefined && opened !== undefined) {
        const same = sameness(opened.facts, facts);
        if (same === 'same' || (same === 'unproven' && (earlier.users > 0 || isFresh(opened.facts, Date.now())))) {
          earlier.users++;
          earlier.usedAt = now;
          if (facts.validatedAt > opened.facts.validatedAt) await opened.update(facts).catch(() => undefined);
          return opened;
        }
        if (earlier.users > 0) await this.#replace(earlier, opened);
        else await this.#shut(earlier);
      }
      return this.#openAnew(key, facts, now);
    });
  }

  /** What is known of the representation under `key`; undefined where none is. */
  async facts(key: string): Promise<EntryFacts | undefined> {
    return (await this.stats(key))?.facts;
  }

  /** What is held under `key`, without opening it; undefined where nothing is. */
  async stats(key: string): Promise<EntryStats | undefined> {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    return known.entry?.stats ?? (await peekEntry(this.#folderOf(key)));
  }

  /** Forgets what is held under `key`; whoever uses it goes on from its sources. Resolves with the bytes freed. */
  clear(key: string): Promise<number> {
    return this.#inTurn(key, async () => {
      const known = this.#known.get(key);
      if (known === undefined) return 0;
      if (known.entry !== undefined && known.users > 0) return known.entry.clear();
      const freed = known.size;
      this.#forget(known);
      await this.#remove(known);
      return freed;
    });
  }

  /** Forgets everything, as `clear`. */
  async clearAll(): Promise<number> {
    const freed = await Promise.all(this.keys.map((key) => this.clear(key)));
    return freed.reduce((sum, size) => sum + size, 0);
  }

  /**
   * Gives the entry `from` the key `to`, where there is none yet; says whether it did. Unless `trusted`, its new sources must
   * confirm what it holds before that is served: what nobody could confirm stays behind.
   */
  rename(from: string, to: string, { trusted = true } = {}): Promise<boolean> {
    const [first, second] = [from, to].sort() as [string, string];
    if (first === second) return Promise.resolve(false);
    return this.#inTurn(first, () =>
      this.#inTurn(second, async () => {
        const known = this.#known.get(from);
        if (known === undefined || !isKey(to) || this.#known.has(to)) return false;
        if (!trusted && !(await this.#doubt(known))) return false;
        const path = this.#folderOf(to);
        if (known.entry !== undefined) await known.entry.move(path);
        else await guarded('rename', path, () => rename(this.#folderOf(from), path));
        this.#known.delete(from);
        known.key = to;
        this.#known.set(to, known);
        return true;
      }),
    );
  }

  /** Closes every entry, used or not; what they hold stays. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.all(this.#turns.values());
      for (const known of this.#replaced) await this.#remove(known).catch(() => undefined);
      for (const known of this.#known.values()) await known.entry?.close();
      await this.#unlock();
    })();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<void> {
    for (const { key, size, usedAt } of await findEntries(this.folder)) {
      this.#known.set(key, { key, size, usedAt, users: 0, entry: undefined, replaced: false });
      this.#room.count(size);
      this.#usedLast = Math.max(this.#usedLast, usedAt);
    }
    await this.#room.look();
    try {
      await this.#room.take(0);
    } catch {
      // Nothing to give up: the first write says so.
    }
  }

  /** The time now, no two uses having the same. */
  #now(): number {
    this.#usedLast = Math.max(this.#usedLast + 1, Date.now());
    return this.#usedLast;
  }

  #folderOf(key: string): string {
    return join(this.folder, key);
  }

  async #openAnew(key: string, facts: EntryFacts, now: number): Promise<Entry> {
    if (!isKey(key)) throw new Error(`${key} is no key`);
    const folder = this.#folderOf(key);
    const known: Known = this.#known.get(key) ?? { key, size: 0, usedAt: now, users: 0, entry: undefined, replaced: false };
    const entry = await Entry.open(folder, facts, {
      keep: (kept) => {
        const same = sameness(kept, facts);
        return same === 'same' || (same === 'unproven' && isFresh(kept, Date.now()));
      },
      room: this.#roomOf(known),
      release: () => this.#released(known),
    });
    this.#known.set(key, known);
    known.entry = entry;
    known.users = 1;
    known.usedAt = now;
    this.#resize(known, await sizeOnDisk(folder));
    await this.#note(known);
    if (this.#known.size > entriesAtMost) void this.#evict(1);
    return entry;
  }

  #roomOf(known: Known): Room {
    return {
      take: (size) => {
        const made = this.#room.take(size);
        known.size += size;
        return made;
      },
      give: (size) => this.#resize(known, known.size - size),
    };
  }

  #resize(known: Known, size: number): void {
    this.#room.give(known.size - size);
    known.size = size;
  }

  async #released(known: Known): Promise<void> {
    if (known.users > 0) known.users--;
    if (known.users > 0 || this.#closing !== undefined) return;
    await this.#inTurn(known.key, async () => {
      if (known.users > 0) return;
      known.usedAt = this.#now();
      if (known.replaced) {
        this.#forget(known);
        await this.#remove(known);
        return;
      }
      // What could not be written was told to whoever wrote it, and isn't held.
      await known.entry?.flush().catch(() => undefined);
      await this.#note(known);
      const idle = [...this.#known.values()].filter(({ entry, users }) => entry !== undefined && users === 0);
      if (idle.length <= idleAtMost) return;
      const oldest = idle.reduce((a, b) => (b.usedAt < a.usedAt ? b : a));
      if (oldest === known) await this.#shut(known);
      else void this.#inTurn(oldest.key, () => this.#shut(oldest)).catch(() => undefined);
    });
  }

  /** Keeps the instant of the last use on disk, as that of the facts. */
  #note({ key, usedAt }: Known): Promise<void> {
    return utimes(entryPaths(this.#folderOf(key)).facts, usedAt / 1000, usedAt / 1000).catch(() => undefined);
  }

  async #shut(known: Known): Promise<void> {
    if (known.users > 0 || known.entry === undefined) return;
    const { entry } = known;
    known.entry = undefined;
    await entry.close();
    this.#resize(known, await sizeOnDisk(this.#folderOf(known.key)));
  }

  /** Lets `known` keep its bytes for those who use it, where nobody else finds them. */
  async #replace(known: Known, entry: Entry): Promise<void> {
    await entry.move(await gonePath(this.folder));
    known.replaced = true;
    this.#known.delete(known.key);
    this.#replaced.add(known);
  }

  /** Has what `known` holds count for nothing until a source confirms it; false where none could. */
  async #doubt({ key, entry }: Known): Promise<boolean> {
    const kept = entry === undefined ? await readFacts(this.#folderOf(key)) : { facts: entry.facts, generation: 0 };
    if (kept === undefined || (kept.facts.etag ?? kept.facts.lastModified) === undefined) return false;
    const doubtful = { validatedAt: 0, lifetime: 0, url: undefined };
    if (entry !== undefined) await entry.update(doubtful);
    else await writeFacts(this.#folderOf(key), { ...kept, facts: { ...kept.facts, ...doubtful } });
    return true;
  }

  #forget(known: Known): void {
    if (known.replaced) this.#replaced.delete(known);
    else this.#known.delete(known.key);
    this.#resize(known, 0);
  }

  async #remove({ key, entry, replaced }: Known): Promise<void> {
    await entry?.close();
    if (replaced && entry !== undefined) await rm(entry.folder, { recursive: true, force: true });
    else await removeEntry(this.folder, key);
  }

  #evict(need: number): Promise<void> | undefined {
    const idle = [...this.#known.values()].filter(({ key, users }) => users === 0 && !this.#turns.has(key));
    if (idle.length === 0) return undefined;
    idle.sort((a, b) => a.usedAt - b.usedAt);
    const chosen: Known[] = [];
    for (let size = 0; size < need && chosen.length < idle.length; ) {
      const next = idle[chosen.length] as Known;
      size += next.size;
      chosen.push(next);
    }
    for (const known of chosen) this.#forget(known);
    const removals = chosen.map((known) => this.#inTurn(known.key, () => this.#remove(known)).catch(() => undefined));
    return Promise.all(removals).then(() => undefined);
  }

  /** Runs `work` when all that was asked of the same key is done. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new HydrantError('STORE_FAILED', `the cache in ${this.folder} is closed`));
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work);
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(key) === settled) this.#turns.delete(key);
      });
    this.#turns.set(key, settled);
    return turn;
  }
}
