import { type Remembered, remembered } from '../choices/remembered.ts';
import type { Sort } from './task-order.ts';

export type View = 'cards' | 'list';

/** Cards or a compact list. */
export const view: Remembered<View> = remembered<View>('tasks-view', ['cards', 'list'], 'cards');

/** How the list is sorted. */
export const sort: Remembered<Sort> = remembered<Sort>('tasks-sort', ['edited', 'activity', 'name', 'size', 'share', 'created'], 'edited');
