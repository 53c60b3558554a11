import type { Keeping } from '../core/ports.ts';

/** What is kept, by kind and key. */
export type Kept = Map<string, Map<string, unknown>>;

const none: ReadonlyMap<string, unknown> = new Map();

/** What `kept` has of `kind`. */
export const keptOf = (kept: Kept, kind: string): ReadonlyMap<string, unknown> => kept.get(kind) ?? none;

/** Makes `changes` in `kept`. */
export const keep = (kept: Kept, changes: readonly Keeping[]): void => {
  for (const { kind, key, value } of changes) {
    const values = kept.get(kind) ?? new Map<string, unknown>();
    kept.set(kind, values);
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  }
};

/** A copy that changes without `kept`; the values are the same. */
export const copyOf = (kept: Kept): Kept => new Map([...kept].map(([kind, values]) => [kind, new Map(values)]));
