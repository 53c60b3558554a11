import type { TaskConfig } from './task-config.ts';

/** Whether each volume has a source that it had before. */
export const sameEverywhere = (before: TaskConfig['volumes'], now: TaskConfig['volumes']): boolean =>
  before.length === now.length && now.every((mirrors, volume) => mirrors.some((url) => before[volume]?.includes(url)));
