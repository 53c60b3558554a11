/** Buffers of one size that are used again and again, so that resident memory stays near what is in use. */
export class BufferPool {
  /** Bytes in every buffer. */
  readonly size: number;
  readonly #limit: number;
  readonly #idle: Buffer[] = [];

  /** Keeps at most `limit` unused buffers of `size` bytes; those beyond are left to the collector. */
  constructor(size: number, limit: number) {
    this.size = size;
    this.#limit = limit;
  }

  /** Unused buffers kept now. */
  get idle(): number {
    return this.#idle.length;
  }

  /** A buffer with arbitrary content, the caller's until `give`. */
  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Takes a buffer back, exactly once; nobody may look at it afterwards. */
  give(buffer: Buffer): void {
    if (buffer.length !== this.size) throw new Error(`a buffer of ${buffer.length} bytes is not from this pool`);
    if (this.#idle.length < this.#limit) this.#idle.push(buffer);
  }
}
