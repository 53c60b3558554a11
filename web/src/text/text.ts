/*
 * Every word that people read. A part of the page has one file beside it with both languages: `textOf({ … }, { … })`; the
 * compiler sees to it that Chinese has what English has. What depends on a number is a function: `(n) => count(n, 'task')`.
 */
import { language } from '../choices/language.ts';
import { useWatched } from '../data/watched.ts';

/** The same words in both languages. */
export interface Text<Words> {
  readonly en: Words;
  readonly zh: Words;
}

export const textOf = <Words extends object>(en: Words, zh: NoInfer<Words>): Text<Words> => ({ en, zh });

/** The words of `text` in the language that is chosen. */
export const useText = <Words>(text: Text<Words>): Words => text[useWatched(language.watched)];

/** The words of `text` now, for what is said outside of components. */
export const say = <Words>(text: Text<Words>): Words => text[language.watched.value];

/** `1 task`, `2,000 tasks`; `many` where the plural is no mere s. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
