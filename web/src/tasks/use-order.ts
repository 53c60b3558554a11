import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

import { listen, tasks } from '../data/live.ts';
import { useWatched } from '../data/watched.ts';
import { leaving } from './leaving.ts';
import { movedBetween, type Sort, sameSet, sorted } from './task-order.ts';

/** Tasks in the order in which they are shown. */
export interface Order {
  readonly ids: readonly string[];
  /** How many would be elsewhere if it were sorted now. */
  readonly moved: number;
  readonly sortNow: () => void;
}

const between = 2_000;

/** `listed` sorted, without what is being deleted. Nothing moves while the pointer or the focus is in `place`: `moved` says what would. */
export const useOrder = (listed: readonly string[], sort: Sort, place: RefObject<HTMLElement | null>): Order => {
  const gone = useWatched(leaving);
  const now = useCallback(
    () =>
      sorted(
        listed.filter((id) => !gone.has(id)),
        sort,
        (id) => tasks.get(id),
      ),
    [listed, gone, sort],
  );
  const [shown, setShown] = useState(now);
  const [moved, setMoved] = useState(0);
  const latest = useRef({ shown, sort });
  const settle = useCallback((ids: readonly string[], how: Sort): void => {
    latest.current = { shown: ids, sort: how };
    setShown(ids);
    setMoved(0);
  }, []);
  useEffect(() => {
    const look = (): void => {
      const ids = now();
      const { shown: before, sort: sortBefore } = latest.current;
      const away = movedBetween(before, ids);
      const isBusy = place.current?.matches(':hover, :focus-within') === true;
      if (away === 0 && before.length === ids.length) setMoved(0);
      else if (sort !== sortBefore || !isBusy || !sameSet(before, ids)) settle(ids, sort);
      else setMoved(away);
    };
    look();
    let at = performance.now();
    return listen('sample', () => {
      if (performance.now() - at < between) return;
      at = performance.now();
      look();
    });
  }, [now, settle, sort, place]);
  return { ids: shown, moved, sortNow: () => settle(now(), sort) };
};
