import { closeSync, constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';

import { HydrantError } from '../core/errors.ts';

/** The reader of a pipe went away: nothing more can be written, and nobody is there to be told. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/**
 * A file descriptor that is written in order, one write at a time, without ever stopping the program.
 *
 * A pipe gets a description of its own, made non-blocking by opening it once more, so that other programs on the same
 * pipe notice nothing. A plain `fs.write` would do, but while the reader sleeps it keeps a thread of the pool, and a
 * process with such a thread cannot exit before the reader wakes. What can't be opened again (a socket, a terminal, or
 * anything outside Linux) is written with `fs.write` all the same; leaving then needs `abandon`.
 */
export class Descriptor {
  readonly #fd: number;
  readonly #pipe: Socket | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #broken: Error | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    this.#pipe = openAgain(fd);
    this.#pipe?.on('error', (error) => {
      this.#broken ??= error;
    });
    this.#pipe?.unref();
  }

  /** Writes that are not finished. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a write is under way that keeps the process from exiting. */
  get stuck(): boolean {
    return this.#waiting > 0 && this.#pipe === undefined;
  }

  /** Resolves when all of `data` is out; `data` is not to be changed before. Rejects with BrokenPipe, DISK_FULL or STORE_FAILED. */
  write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    this.#waiting++;
    const done = this.#last.then(() => this.#writeAll(bytes)).finally(() => this.#waiting--);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Writes where it can; whoever cannot be told of a failure is not told. */
  say(text: string): void {
    this.write(text).catch(() => {});
  }

  /** Resolves when nothing is left to write, or after `patience` milliseconds. */
  async drain(patience = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#waiting === 0) return;
    if (patience === Number.POSITIVE_INFINITY) return this.#last;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#last, new Promise((resolve) => (timer = setTimeout(resolve, patience)))]);
    clearTimeout(timer);
  }

  /** Gives up a write that nobody takes, for good: a socket is shut down. Resolves when that has helped, or could not. */
  async abandon(): Promise<void> {
    if (!this.stuck || !fstatSync(this.#fd).isSocket()) return;
    const socket = new Socket({ fd: this.#fd, readable: false, writable: true });
    socket.on('error', () => undefined);
    socket.end();
    await this.drain(100);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    if (this.#broken !== undefined) throw failureOf(this.#broken);
    try {
      await (this.#pipe === undefined ? this.#writeFile(bytes) : writePipe(this.#pipe, bytes));
    } catch (error) {
      this.#broken ??= error as Error;
      throw failureOf(this.#broken);
    }
  }

  async #writeFile(bytes: Uint8Array): Promise<void> {
    let pause = 1;
    for (let written = 0; written < bytes.length; ) {
      const count = await writeSome(this.#fd, bytes, written);
      written += count;
      // Somebody else made the descriptor non-blocking: all that can be done is to ask again.
      if (count === 0) await new Promise((resolve) => setTimeout(resolve, pause));
      pause = count === 0 ? Math.min(pause * 2, 50) : 1;
    }
  }
}

const writePipe = (pipe: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    pipe.ref();
    pipe.write(bytes, (error) => {
      pipe.unref();
      if (error) reject(error);
      else resolve();
    });
  });

/** How many bytes were taken; 0 where the descriptor takes none now. */
const writeSome = (fd: number, bytes: Uint8Array, offset: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
      if (error === null) resolve(count);
      else if (error.code === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });

const openAgain = (fd: number): Socket | undefined => {
  try {
    if (process.platform !== 'linux' || !fstatSync(fd).isFIFO()) return undefined;
    const own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      return new Socket({ fd: own, readable: false, writable: true });
    } catch {
      closeSync(own);
      return undefined;
    }
  } catch {
    return undefined;
  }
};

const failureOf = (error: Error): Error => {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EPIPE' || code === 'ECONNRESET') return new BrokenPipe('the reader went away', { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new HydrantError('DISK_FULL', 'the disk that the output goes to is full', { cause: error });
  return new HydrantError('STORE_FAILED', `the output cannot be written: ${error.message}`, { cause: error });
};
