import { type Remembered, remembered } from './remembered.ts';

/** How the page looks: as the system, light, or dark. */
export type Theme = 'auto' | 'light' | 'dark';

export const theme: Remembered<Theme> = remembered<Theme>('theme', ['auto', 'light', 'dark'], 'auto');

/** Has the page follow the choice. */
export const followTheme = (): void => {
  const apply = (): void => {
    if (theme.watched.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.watched.value;
  };
  theme.watched.watch(apply);
  apply();
};
