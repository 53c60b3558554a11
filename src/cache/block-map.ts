/*
 * Which blocks of an entry are whole, and their sums: a file of 8-byte records, block b's at 8·b, all zeros where the
 * block isn't whole. A record is the block's sum and a check over generation, block and sum, both little-endian, so that
 * a record that is torn, out of place or of earlier bytes counts for nothing. No order of writes has to hold: whatever a
 * power cut leaves, a block whose bytes don't fit its record is found by its sum.
 */
import type { FileHandle } from 'node:fs/promises';

import { guarded } from '../store/failure.ts';
import { writeAll } from '../store/write-all.ts';
import { emptySum, sumOn } from './crc.ts';

const recordSize = 8;
/** Milliseconds in which records are brought together. */
const gatherTime = 200;
const readSize = 1_048_576;

const checkOf = (generation: number, block: number, sum: number): number => {
  const text = Buffer.allocUnsafe(24);
  text.write('hydr', 0, 'latin1');
  text.writeDoubleLE(generation, 4);
  text.writeDoubleLE(block, 12);
  text.writeUInt32LE(sum, 20);
  return sumOn(emptySum, text);
};

/** The records of blocks that follow each other; undefined: not whole. */
const recordsOf = (generation: number, first: number, sums: readonly (number | undefined)[]): Buffer => {
  const records = Buffer.alloc(sums.length * recordSize);
  for (const [index, sum] of sums.entries()) {
    if (sum === undefined) continue;
    records.writeUInt32LE(sum, index * recordSize);
    records.writeUInt32LE(checkOf(generation, first + index, sum), index * recordSize + 4);
  }
  return records;
};

/** The sums of the whole blocks among the first `count`, as the map in `handle` has them. Rejects with the system's error. */
export const readMap = async (handle: FileHandle, generation: number, count: number): Promise<Map<number, number>> => {
  const sums = new Map<number, number>();
  const size = Math.min(count * recordSize, (await handle.stat()).size);
  const buffer = Buffer.allocUnsafe(Math.min(size, readSize));
  for (let start = 0; start < size; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(readSize, size - start), start);
    const records = Math.floor(bytesRead / recordSize);
    if (records === 0) break;
    for (let index = 0; index < records; index++) {
      const sum = buffer.readUInt32LE(index * recordSize);
      const check = buffer.readUInt32LE(index * recordSize + 4);
      const block = start / recordSize + index;
      if ((sum !== 0 || check !== 0) && check === checkOf(generation, block, sum)) sums.set(block, sum);
    }
    start += records * recordSize;
  }
  return sums;
};

/** Keeps the block map of an open entry, a few records at a time. */
export class BlockMap {
  readonly #handle: FileHandle;
  readonly #path: string;
  #generation: number;
  /** What is not yet in the file. */
  #changed = new Map<number, number | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(handle: FileHandle, path: string, generation: number) {
    this.#handle = handle;
    this.#path = path;
    this.#generation = generation;
  }

  /** Says that `block` is whole and what its sum is, or (undefined) that it is not; written within 200 ms, or when that works. */
  set(block: number, sum: number | undefined): void {
    this.#changed.set(block, sum);
    this.#timer ??= setTimeout(() => this.flush().catch(() => undefined), gatherTime).unref();
  }

  /** Writes now what was said; `durable`: so that not even a power cut brings the old records back. */
  flush(durable = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const generation = this.#generation;
    return this.#inTurn(async () => {
      // What was said since a restart is written after it.
      if (generation === this.#generation) await this.#write();
      if (durable) await guarded('sync', this.#path, () => this.#handle.datasync());
    });
  }

  /** Forgets all records, and begins those of another generation. */
  restart(generation: number): Promise<void> {
    this.#changed.clear();
    this.#generation = generation;
    return this.#inTurn(() => guarded('write', this.#path, () => this.#handle.truncate(0)));
  }

  /** Writes what is left, as far as that works. */
  async close(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.#handle.close();
  }

  async #write(): Promise<void> {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Map();
    const generation = this.#generation;
    const blocks = [...changed.keys()].sort((a, b) => a - b);
    try {
      for (let index = 0; index < blocks.length; ) {
        const first = blocks[index] as number;
        let next = index + 1;
        while (blocks[next] === first + next - index) next++;
        const sums = blocks.slice(index, next).map((block) => changed.get(block));
        await guarded('write', this.#path, () => writeAll(this.#handle.fd, [recordsOf(generation, first, sums)], first * recordSize));
        index = next;
      }
    } catch (error) {
      // What was said since then is newer, and what was said of other bytes is void.
      if (generation === this.#generation) this.#changed = new Map([...changed, ...this.#changed]);
      throw error;
    }
  }

  /** Runs `work` when all that was asked before is done, so that only one writes. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
