import { type MouseEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';

import { useWatched } from '../data/watched.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { BulkBar } from './bulk-bar.tsx';
import type { View } from './list-choices.ts';
import { chose, clearSelection, selectAll, selection, stillIn } from './selection.ts';
import { TaskItem } from './task-item.tsx';
import type { Sort } from './task-order.ts';
import { tasksText } from './tasks-text.ts';
import { useListKeys } from './use-list-keys.ts';
import { useNarrow } from './use-narrow.ts';
import { useOrder } from './use-order.ts';
import { useVirtualRows } from './virtual-rows.ts';

interface TaskListProps {
  readonly ids: readonly string[];
  readonly matched: number;
  readonly look: View;
  readonly sort: Sort;
  /** Brings more; undefined where there is no more, or some is on its way. */
  readonly onMore: (() => void) | undefined;
  /** Has all of them brought. */
  readonly onWhole: () => void;
  readonly isWhole: boolean;
}

/** Rows from the end at which more are asked for. */
const ahead = 40;

/** The tasks that were found: as many are rendered as are in sight. */
export const TaskList = ({ ids, matched, look, sort, onMore, onWhole, isWhole }: TaskListProps) => {
  const t = useText(tasksText);
  const place = useRef<HTMLDivElement>(null);
  const { ids: order, moved, sortNow } = useOrder(ids, sort, place);
  const isNarrow = useNarrow();
  const rowHeight = look === 'cards' ? (isNarrow ? 96 : 92) : isNarrow ? 56 : 36;
  const rows = useVirtualRows({ count: order.length, rowHeight, columnWidth: look === 'cards' ? 440 : 0 });
  const chosen = stillIn(useWatched(selection), order);
  const [wantsAll, setWantsAll] = useState(false);
  useEffect(() => clearSelection, []);
  useEffect(() => {
    if (rows.end + ahead >= order.length) onMore?.();
  }, [rows.end, order.length, onMore]);
  useEffect(() => {
    if (!wantsAll || !isWhole || order.length < ids.length) return;
    selectAll(order);
    setWantsAll(false);
  }, [wantsAll, isWhole, order, ids]);
  const all = (): void => {
    selectAll(order);
    if (isWhole) return;
    setWantsAll(true);
    onWhole();
  };
  useListKeys({ order, columns: rows.columns, show: rows.show, onSelectAll: all });
  const latest = useRef(order);
  useEffect(() => {
    latest.current = order;
  }, [order]);
  const select = useCallback(
    (id: string, isRange: boolean) => selection.set(chose(selection.value, latest.current, id, isRange ? 'range' : 'toggle')),
    [],
  );
  const [, navigate] = useLocation();
  const click = (event: MouseEvent<HTMLElement>): void => {
    const target = event.target as Element;
    const id = target.closest<HTMLElement>('[data-id]')?.dataset.id;
    if (id === undefined || target.closest('a, button, input, label, [popover]') !== null) return;
    if (event.shiftKey || event.ctrlKey || event.metaKey) select(id, event.shiftKey);
    else if (getSelection()?.isCollapsed !== false) navigate(`/tasks/${id}`);
  };
  const shown = order.slice(rows.first, rows.end);
  return (
    <div ref={place} className={chosen.ids.size > 0 ? 'task-place selecting' : 'task-place'}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys do the same, on the page as a whole. */}
      <ul
        ref={rows.ref}
        className={look === 'cards' ? 'task-list cards' : 'task-list'}
        onClick={click}
        style={{
          paddingTop: rows.above,
          height: rows.height,
          gridTemplateColumns: `repeat(${rows.columns}, minmax(0, 1fr))`,
          gridAutoRows: rowHeight,
        }}
      >
        {shown.map((id, index) => (
          <TaskItem
            key={id}
            id={id}
            look={look}
            isSelected={chosen.ids.has(id)}
            position={rows.first + index + 1}
            count={matched}
            onSelect={select}
          />
        ))}
      </ul>
      <footer className="task-foot muted">
        <span>{t.shown(order.length, matched)}</span>
        {moved > 0 && <Button onClick={sortNow}>{t.moved(moved)}</Button>}
      </footer>
      {chosen.ids.size > 0 && (
        <BulkBar
          ids={order.filter((id) => chosen.ids.has(id))}
          onSelectAll={chosen.ids.size < Math.max(order.length, matched) ? all : undefined}
        />
      )}
    </div>
  );
};
