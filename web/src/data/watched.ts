import { useCallback, useSyncExternalStore } from 'react';

/** A value that others may watch. */
export class Watched<Value> {
  #value: Value;
  readonly #watchers = new Set<() => void>();

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const tell of [...this.#watchers]) tell();
  }

  /** Calls `tell` after every change; the returned function ends that. */
  readonly watch = (tell: () => void): (() => void) => {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  };
}

/** The value of `watched`; the component is rendered again when it changes. */
export const useWatched = <Value>(watched: Watched<Value>): Value =>
  useSyncExternalStore(
    watched.watch,
    useCallback(() => watched.value, [watched]),
  );
