/*
 * The state file and the log of changes beside it. A change is appended to the log and synced before anybody hears that it
 * was made; changes that come meanwhile share the next sync. When the log has grown as long as the state, the state is written
 * anew as a whole, naming a new, empty log. Both replace what was there only when they are on disk, and each state names
 * its log, so a kill between the two leaves an old log that is known to be one.
 *
 * What cannot be understood is never overwritten: a damaged file is moved aside, a newer one is refused.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { HydrantError } from '../core/errors.ts';
import type { Keeping, TaskStore } from '../core/ports.ts';
import { syncFolder, writeAtomically } from '../store/atomic-file.ts';
import { guarded, isMissing, storeFailure } from '../store/failure.ts';
import { lock } from '../store/lock.ts';
import { logHeader, logLine, readLog } from './change-log.ts';
import { copyOf, type Kept, keep, keptOf } from './kept.ts';
import { type ReadState, readState, stateText, stateVersion } from './state-text.ts';

/** The shortest log that is written into the state. */
const leastLog = 1_048_576;

interface Waiting {
  readonly changes: readonly Keeping[];
  readonly kept: () => void;
  readonly failed: (error: HydrantError) => void;
}

interface Log {
  readonly id: string;
  readonly file: FileHandle;
  length: number;
}

/** Keeps what it is told in the file `path` and a log beside it, both for their owner's eyes only. */
export class FileTaskStore implements TaskStore {
  /** What was found odd when the file was opened, for people. */
  readonly notes: readonly string[];
  readonly #path: string;
  readonly #unlock: () => Promise<void>;
  #kept: Kept;
  /** Absent where the state has to be written anew first. */
  #log: Log | undefined;
  #logBefore: string | undefined;
  #stateLength = 0;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  private constructor(path: string, unlock: () => Promise<void>, found: { kept: Kept; log: string | undefined; notes: readonly string[] }) {
    this.#path = path;
    this.#unlock = unlock;
    this.#kept = found.kept;
    this.#logBefore = found.log;
    this.notes = found.notes;
  }

  /**
   * Opens the state of `path`, the ancestor's or ours; makes it where there is none. Rejects with STORE_FAILED where it
   * cannot be read or written, another process has it, or a newer version wrote it.
   */
  static async open(path: string): Promise<FileTaskStore> {
    const full = resolve(path);
    await guarded('create', dirname(full), () => mkdir(dirname(full), { recursive: true, mode: 0o700 }));
    const unlock = await guarded('lock', full, () => lock(`${full}.lock`));
    if (typeof unlock !== 'function') throw new HydrantError('STORE_FAILED', `${full} is in use by process ${unlock.pid}`);
    try {
      const store = new FileTaskStore(full, unlock, await find(full));
      await store.#writeState(store.#kept);
      return store;
    } catch (error) {
      await unlock();
      throw storeFailure(error, 'open', full);
    }
  }

  kept(kind: string): ReadonlyMap<string, unknown> {
    return keptOf(this.#kept, kind);
  }

  commit(changes: readonly Keeping[]): Promise<void> {
    if (this.#closed) return Promise.reject(new HydrantError('STORE_FAILED', 'the state is closed'));
    return new Promise((kept, failed) => {
      this.#waiting.push({ changes, kept, failed });
      this.#writing ??= this.#write();
    });
  }

  /** Leaves a state with an empty log, which the ancestor can read too. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    try {
      if (this.#log === undefined || this.#log.length > logHeader(this.#log.id).length) await this.#writeState(this.#kept);
    } finally {
      await this.#log?.file.close();
      await this.#unlock();
    }
  }

  async #write(): Promise<void> {
    // What is asked for in one turn of the loop goes out together.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const changes = batch.flatMap((waiting) => waiting.changes);
      try {
        if (this.#log === undefined) await this.#rewrite(changes);
        else await this.#append(this.#log, changes);
        for (const { kept } of batch) kept();
      } catch (error) {
        const failure = storeFailure(error, 'write', this.#path);
        for (const { failed } of batch) failed(failure);
      }
      const { length } = this.#log ?? { length: 0 };
      // The log is whole and goes on where writing the state anew fails.
      if (length > Math.max(leastLog, this.#stateLength)) await this.#writeState(this.#kept).catch(() => undefined);
    }
    this.#writing = undefined;
  }

  async #append(log: Log, changes: readonly Keeping[]): Promise<void> {
    const line = Buffer.from(logLine(changes));
    try {
      await log.file.appendFile(line);
      await log.file.datasync();
    } catch (error) {
      // Nobody knows what of it is on disk: the state is written anew before anything else is promised.
      this.#log = undefined;
      this.#logBefore = log.id;
      await log.file.truncate(log.length).catch(() => undefined);
      await log.file.close().catch(() => undefined);
      throw error;
    }
    log.length += line.length;
    keep(this.#kept, changes);
  }

  async #rewrite(changes: readonly Keeping[]): Promise<void> {
    const kept = copyOf(this.#kept);
    keep(kept, changes);
    await this.#writeState(kept);
    this.#kept = kept;
  }

  async #writeState(kept: Kept): Promise<void> {
    const id = randomBytes(8).toString('hex');
    const before = this.#log?.id ?? this.#logBefore;
    const text = stateText(kept, id, before);
    await writeAtomically(this.#path, text, { mode: 0o600, draft: `${this.#path}.tmp` });
    this.#logBefore = before;
    await this.#log?.file.close();
    this.#log = undefined;
    this.#stateLength = text.length;
    const header = logHeader(id);
    const path = `${this.#path}.log`;
    await writeAtomically(path, header, { mode: 0o600, draft: `${path}.tmp` });
    this.#log = { id, file: await open(path, 'a'), length: header.length };
  }
}

const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw storeFailure(error, 'read', path);
  }
};

/** What is on disk, with what is damaged out of the way. */
const find = async (path: string): Promise<{ kept: Kept; log: string | undefined; notes: readonly string[] }> => {
  const [text, logText] = [await textOf(path), await textOf(`${path}.log`)];
  const state = text === undefined ? undefined : readState(text);
  const log = logText === undefined ? undefined : readLog(logText);
  for (const [name, version] of [
    [path, state?.version],
    [`${path}.log`, log?.version],
  ] as const) {
    if (version === undefined || version <= stateVersion) continue;
    throw new HydrantError('STORE_FAILED', `${name} was written by a newer hydrant (version ${version}); it is left as it is`);
  }
  const notes = [...(state?.notes ?? [])];
  const aside = async (name: string, why: string): Promise<void> => {
    const place = `${name}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`;
    await guarded('move', name, () => rename(name, place));
    await syncFolder(dirname(name));
    notes.push(`${name} ${why}; it was moved to ${place}`);
  };
  if (text !== undefined && state === undefined) await aside(path, 'is damaged, and the server starts without tasks');
  const kept: Kept = state?.kept ?? new Map();
  if (log === undefined || logText === undefined) return { kept, log: state?.log, notes };
  const own = state !== undefined && log.id !== undefined && log.id === state.log;
  if (own) keep(kept, log.changes);
  if (own && log.damaged > 0) await aside(`${path}.log`, `has ${log.damaged} damaged lines, which are left out`);
  if (!own && !isOld(log.id, state) && log.changes.length > 0) await aside(`${path}.log`, 'belongs to another state, and is not used');
  return { kept, log: log.id, notes };
};

/** Whether the changes of log `id` are in `state`. */
const isOld = (id: string | undefined, state: ReadState | undefined): boolean => id !== undefined && id === state?.logBefore;
