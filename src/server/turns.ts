/** Lets what concerns one key happen one after the other, in the order of the calls. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  async take<Result>(key: string, act: () => Promise<Result>): Promise<Result> {
    const run = (this.#last.get(key) ?? Promise.resolve()).then(act);
    const ended = run.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, ended);
    try {
      return await run;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
