import { useWatched, Watched } from '../data/watched.ts';

/** A choice that outlives the page. */
export interface Remembered<Value extends string> {
  readonly watched: Watched<Value>;
  readonly options: readonly Value[];
  choose(value: Value): void;
}

/** The choice `name` among `options`; `fallback` until somebody chooses. Tabs agree. */
export const remembered = <Value extends string>(name: string, options: readonly Value[], fallback: Value): Remembered<Value> => {
  const key = `hydrant.${name}`;
  const read = (text: string | null): Value => options.find((option) => option === text) ?? fallback;
  const watched = new Watched(read(stored(key)));
  addEventListener('storage', (event) => {
    if (event.key === key) watched.set(read(event.newValue));
  });
  const choose = (value: Value): void => {
    watched.set(value);
    try {
      localStorage.setItem(key, value);
    } catch {
      // Where nothing may be kept, the choice holds for this page.
    }
  };
  return { watched, options, choose };
};

const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

/** What was chosen, and how to choose. */
export const useRemembered = <Value extends string>({ watched, choose }: Remembered<Value>): readonly [Value, (value: Value) => void] => [
  useWatched(watched),
  choose,
];
