import { Watched } from '../data/watched.ts';

/** What is to be dealt with before the rest of the page. */
export type Asked =
  | { readonly what: 'play'; readonly id: string }
  | { readonly what: 'remove'; readonly ids: readonly string[] }
  | { readonly what: 'clear'; readonly id: string }
  | { readonly what: 'keys' };

/** The dialog that is open; undefined where none is. */
export const asked: Watched<Asked | undefined> = new Watched<Asked | undefined>(undefined);

export const ask = (what: Asked): void => asked.set(what);

export const asksNothing = (): void => asked.set(undefined);
