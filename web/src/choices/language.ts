import { type Remembered, remembered } from './remembered.ts';

export type Language = 'en' | 'zh';

const ofBrowser = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'zh') ?? 'en';

/** The language of the page; the browser's own until one is chosen. */
export const language: Remembered<Language> = remembered<Language>('language', ['en', 'zh'], ofBrowser);

/** Has the document say which language it is in. */
export const followLanguage = (): void => {
  const apply = (): void => {
    document.documentElement.lang = language.watched.value === 'zh' ? 'zh-CN' : 'en';
  };
  language.watched.watch(apply);
  apply();
};
