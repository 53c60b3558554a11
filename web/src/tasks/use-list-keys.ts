import { useRef } from 'react';
import { useLocation } from 'wouter';

import { tasks } from '../data/live.ts';
import { useKeys } from '../ui/keys.ts';
import { ask } from './asked.ts';
import { chose, clearSelection, selection } from './selection.ts';
import { remove, setPaused } from './task-actions.ts';

interface ListKeys {
  readonly order: readonly string[];
  readonly columns: number;
  readonly show: (index: number) => void;
  readonly onSelectAll: () => void;
}

/** The keyboard of the list. Where tasks are selected, keys are about those, else about the one that has the focus. */
export const useListKeys = ({ order, columns, show, onSelectAll }: ListKeys): void => {
  const [, navigate] = useLocation();
  const last = useRef<string>(undefined);
  const current = (): string | undefined => focused() ?? last.current;
  const go = (by: number, isExtending = false): void => {
    const from = order.indexOf(current() ?? '');
    const index = Math.max(0, Math.min(order.length - 1, from < 0 ? 0 : from + by));
    const id = order[index];
    if (id === undefined) return;
    const start = order[from];
    if (isExtending && start !== undefined) {
      const { ids } = selection.value;
      const begun = ids.size === 0 ? chose(selection.value, order, start, 'toggle') : selection.value;
      selection.set(chose(begun, order, id, 'range'));
    }
    last.current = id;
    show(index);
    focusSoon(id, 10);
  };
  const about = (): readonly string[] => {
    const { ids } = selection.value;
    if (ids.size > 0) return order.filter((id) => ids.has(id));
    const id = current();
    return id !== undefined && order.includes(id) ? [id] : [];
  };
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    ArrowDown: () => (focused() === undefined ? false : go(columns)),
    ArrowUp: () => (focused() === undefined ? false : go(-columns)),
    Home: () => (focused() === undefined ? false : go(-order.length)),
    End: () => (focused() === undefined ? false : go(order.length)),
    'Shift+j': () => go(1, true),
    'Shift+k': () => go(-1, true),
    x: () => {
      const id = current();
      if (id !== undefined) selection.set(chose(selection.value, order, id, 'toggle'));
    },
    Enter: ({ target }) => {
      const id = last.current;
      if (target !== document.body || id === undefined) return false;
      navigate(`/tasks/${id}`);
      return;
    },
    p: () => {
      const ids = about();
      void setPaused(
        ids,
        ids.some((id) => tasks.get(id)?.paused === false),
      );
    },
    Delete: () => {
      const ids = about();
      if (ids.length === 0) return false;
      remove(ids);
      clearSelection();
      return;
    },
    'Ctrl+a': onSelectAll,
    Escape: () => (selection.value.ids.size === 0 ? false : clearSelection()),
    n: () => navigate('/new'),
    '?': () => ask({ what: 'keys' }),
  });
};

const focused = (): string | undefined => document.activeElement?.closest<HTMLElement>('[data-id]')?.dataset.id;

/** What is scrolled into sight is rendered a few frames later. */
const focusSoon = (id: string, frames: number): void => {
  const link = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"] .task-name`);
  if (link !== null) link.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusSoon(id, frames - 1));
};
