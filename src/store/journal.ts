import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';

import type { Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { writeAtomically } from './atomic-file.ts';
import { guarded, isMissing } from './failure.ts';
import { bootId } from './machine.ts';
import { headerLine, type PartialFacts, parseJournal, redactFacts, type Safe, type Strength, safeLine } from './record.ts';
import { writeAll } from './write-all.ts';

/** A journal longer than this is not ours: ours are written anew before they come near. */
const longest = 64 * 1_048_576;
const compactAt = 1_048_576;
/** Milliseconds in which lines are brought together: one for each write cost 0.3 s of CPU per GiB. */
const recordTime = 25;

/** What is known of a partial file: its facts, when it was begun, and which bytes are safe. */
export interface Note extends PartialFacts {
  readonly created: string;
  readonly safe: Safe;
}

/** The note in the journal at `path`, as far as it can be believed now; undefined where there is none. */
export const readJournal = async (path: string): Promise<Note | undefined> =>
  guarded('read', path, async () => {
    try {
      if ((await stat(path)).size > longest) return undefined;
      const parsed = parseJournal(await readFile(path, 'utf8'));
      if (parsed === undefined) return undefined;
      const { boot, ...header } = parsed.header;
      const { written, synced } = parsed.safe;
      // After a power cut the file may lack what was only written.
      return { ...header, safe: { written: boot === bootId() ? written : new RangeSet(synced), synced } };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });

/** Keeps the durable note beside a partial file: appends what becomes safe, one line at a time. */
export class Journal {
  readonly path: string;
  readonly #recorded: (size: number) => void;
  readonly #failed: (error: unknown) => void;
  readonly #created: string;
  readonly #safe: Safe;
  #facts: PartialFacts;
  #fresh = new RangeSet();
  #handle: FileHandle | undefined;
  #size = 0;
  #compactAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Calls `recorded` when so many noted bytes are in the journal, `failed` when some can't be. Nothing is touched before `rewrite`. */
  constructor(path: string, note: Note, recorded: (size: number) => void, failed: (error: unknown) => void) {
    this.path = path;
    this.#facts = redactFacts(note);
    this.#created = note.created;
    this.#safe = note.safe;
    this.#recorded = recorded;
    this.#failed = failed;
  }

  get facts(): PartialFacts {
    return this.#facts;
  }

  /** Bytes written but not yet recorded. */
  get unrecorded(): number {
    return this.#fresh.size;
  }

  /** Whether all of `range` was written. */
  covers(range: Range): boolean {
    return this.#safe.written.covers(range);
  }

  /** Bytes that are written but not yet synced. */
  get unsynced(): readonly Range[] {
    return [...this.#safe.written].flatMap((range) => [...this.#safe.synced.gaps(range)]);
  }

  /** Says that `range` was written; it is recorded within 25 ms, together with what comes meanwhile. */
  written(range: Range): void {
    this.#safe.written.add(range);
    this.#fresh.add(range);
    this.#timer ??= setTimeout(() => this.hurry(), recordTime);
  }

  /** Records now what was said to be written. */
  hurry(): void {
    this.settled().catch(this.#failed);
  }

  /** Records that `ranges` were synced, and syncs the journal. */
  synced(ranges: readonly Range[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const range of ranges) this.#safe.synced.add(range);
      await this.#append('synced', ranges);
      await guarded('sync', this.path, async () => this.#handle?.datasync());
    });
  }

  /** Waits until everything said so far is in the journal. */
  settled(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#inTurn(() => this.#appendFresh());
  }

  /**
   * Writes the journal anew, with other facts, or with some bytes no longer safe. `durable`: before it resolves, not even
   * a power cut brings the old journal back; needed only where that vouches for something after a power cut.
   */
  rewrite(change: { readonly facts?: PartialFacts; readonly lost?: Range; readonly durable?: boolean } = {}): Promise<void> {
    return this.#inTurn(async () => {
      const { facts, lost, durable = this.#safe.synced.size > 0 } = change;
      if (facts !== undefined) this.#facts = redactFacts(facts);
      if (lost !== undefined) for (const set of [this.#safe.written, this.#safe.synced]) set.remove(lost);
      try {
        await this.#rewriteNow(durable);
      } catch (error) {
        // Better no note than one that vouches for bytes that are known to be wrong.
        if (lost !== undefined) await rm(this.path, { force: true }).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Appends what is left and closes the file. */
  async close(): Promise<void> {
    try {
      await this.settled();
    } finally {
      const handle = this.#handle;
      this.#handle = undefined;
      await handle?.close();
    }
  }

  /** Runs `work` when all that was asked before is done, so that only one writes. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #appendFresh(): Promise<void> {
    if (this.#fresh.size > 0) await this.#settling((fresh) => this.#append('written', fresh));
  }

  /** Runs `work`, which records all that is fresh now. */
  async #settling(work: (fresh: RangeSet) => Promise<void>): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = new RangeSet();
    try {
      await work(fresh);
    } catch (error) {
      for (const range of fresh) this.#fresh.add(range);
      throw error;
    }
    this.#recorded(fresh.size);
  }

  async #append(strength: Strength, ranges: Iterable<Range>): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    const line = Buffer.from(safeLine(strength, ranges));
    // At its place: a line that could not be ended is overwritten by the next one.
    await guarded('write', this.path, () => writeAll(handle.fd, [line], this.#size));
    this.#size += line.length;
    if (this.#size > this.#compactAt) await this.#rewriteNow(true);
  }

  #rewriteNow(durable: boolean): Promise<void> {
    return this.#settling(async () => {
      const { written, synced } = this.#safe;
      const header = { ...this.#facts, boot: bootId(), created: this.#created };
      const text = Buffer.from(`${headerLine(header)}${safeLine('written', written)}${safeLine('synced', synced)}`);
      await guarded('write', this.path, async () => {
        await writeAtomically(this.path, text, { mode: 0o600, draft: `${this.path}.new`, durable });
        await this.#handle?.close();
        this.#handle = await open(this.path, 'r+');
      });
      this.#size = text.length;
      this.#compactAt = Math.max(compactAt, 4 * text.length);
    });
  }
}
