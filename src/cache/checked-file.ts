import type { FileHandle } from 'node:fs/promises';

import type { Range } from '../core/range.ts';
import { blockRange, blocksOf } from './blocks.ts';
import { emptySum, sumOn } from './crc.ts';
import type { Ledger } from './ledger.ts';

/** Fills `target` from `offset` of `handle` on; false where that can't be had. */
const fill = async (handle: FileHandle, offset: number, target: Uint8Array): Promise<boolean> => {
  try {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await handle.read(target, done, target.length - done, offset + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return true;
  } catch {
    return false;
  }
};

/** Reads what is written of an entry. A block of an earlier use is checked, once, before any of it is given out. */
export class CheckedFile {
  readonly #handle: FileHandle;
  readonly #ledger: Ledger;
  readonly #damaged: (range: Range) => void;
  /** Blocks that are being checked: their bytes, where they are right. */
  readonly #checks = new Map<number, Promise<Uint8Array | undefined>>();

  /** Calls `damaged` with what can't be read, or is not what was written; whoever hears that takes it out of `ledger`. */
  constructor(handle: FileHandle, ledger: Ledger, damaged: (range: Range) => void) {
    this.#handle = handle;
    this.#ledger = ledger;
    this.#damaged = damaged;
  }

  /** Reads written bytes from `offset` on into `target`, unless they go meanwhile or are damaged: the ledger's losses tell. */
  async readInto(offset: number, target: Uint8Array): Promise<void> {
    const end = offset + target.length;
    for (let start = offset; start < end; ) {
      const block = blocksOf({ start, end }).start;
      let stop = Math.min(end, blockRange(block, end).end);
      if (this.#ledger.unchecked(block) !== undefined) {
        const bytes = await this.check(block);
        if (bytes === undefined) return;
        const { start: first } = blockRange(block, end);
        target.set(bytes.subarray(start - first, stop - first), start - offset);
      } else {
        while (stop < end && this.#ledger.unchecked(blocksOf({ start: stop, end }).start) === undefined) {
          stop = blockRange(blocksOf({ start: stop, end }).start, end).end;
        }
        await this.#readPlain({ start, end: stop }, target.subarray(start - offset, stop - offset));
      }
      start = stop;
    }
  }

  /** Checks `block`, which wasn't yet; its bytes, or undefined where they are damaged or went meanwhile. */
  check(block: number): Promise<Uint8Array | undefined> {
    const running = this.#checks.get(block);
    if (running !== undefined) return running;
    const check = this.#checkNow(block).finally(() => this.#checks.delete(block));
    this.#checks.set(block, check);
    return check;
  }

  /** The sum of `block`, all of which is written; undefined as in `check`. */
  async sum(block: number): Promise<number | undefined> {
    const range = blockRange(block, this.#ledger.length);
    const bytes = Buffer.allocUnsafeSlow(range.end - range.start);
    const losses = this.#ledger.losses;
    await this.#readPlain(range, bytes);
    return losses === this.#ledger.losses ? sumOn(emptySum, bytes) : undefined;
  }

  async #readPlain(range: Range, target: Uint8Array): Promise<void> {
    const losses = this.#ledger.losses;
    if (!(await fill(this.#handle, range.start, target)) && losses === this.#ledger.losses) this.#damaged(range);
  }

  async #checkNow(block: number): Promise<Uint8Array | undefined> {
    const sum = this.#ledger.unchecked(block);
    const range = blockRange(block, this.#ledger.length);
    const bytes = Buffer.allocUnsafeSlow(range.end - range.start);
    const whole = await fill(this.#handle, range.start, bytes);
    // A block that went meanwhile says nothing about the bytes that were read.
    if (sum === undefined || this.#ledger.unchecked(block) !== sum) return undefined;
    if (whole && sumOn(emptySum, bytes) === sum) {
      this.#ledger.checked(block);
      return bytes;
    }
    this.#damaged(range);
    return undefined;
  }
}
