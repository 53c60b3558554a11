import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 640px)');

const watch = (tell: () => void): (() => void) => {
  narrow.addEventListener('change', tell);
  return () => narrow.removeEventListener('change', tell);
};

/** Whether the page is as narrow as a phone. */
export const useNarrow = (): boolean => useSyncExternalStore(watch, () => narrow.matches);
