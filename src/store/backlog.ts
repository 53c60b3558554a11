/** Counts bytes that were taken and aren't safe yet, and lets their bringers wait when they are too many. */
export class Backlog {
  #size = 0;
  #resumeAt = 0;
  #failure: Error | undefined;
  #waiting: { readonly promise: Promise<void>; readonly settle: () => void } | undefined;

  /** Whether somebody waits. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  grow(size: number): void {
    this.#size += size;
  }

  shrink(size: number): void {
    this.#size -= size;
    if (this.#size <= this.#resumeAt) this.#settle();
  }

  /** Undefined while at most `limit` bytes wait, else a promise for the time when at most half of that do. */
  wait(limit: number): Promise<void> | undefined {
    if (this.#size <= limit) return undefined;
    this.#resumeAt = limit / 2;
    if (this.#waiting === undefined) {
      let settle = () => {};
      const promise = new Promise<void>((resolve, reject) => {
        settle = () => (this.#failure === undefined ? resolve() : reject(this.#failure));
      });
      // Whoever asked sees the failure; nobody has to have asked.
      promise.catch(() => undefined);
      this.#waiting = { promise, settle };
    }
    return this.#waiting.promise;
  }

  /** Rejects what waits with `failure`: nothing more will become safe. */
  fail(failure: Error): void {
    this.#failure = failure;
    this.#settle();
  }

  #settle(): void {
    this.#waiting?.settle();
    this.#waiting = undefined;
  }
}
