import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** How a list of things of one size is laid out in the window. */
export interface Rows {
  /** The list itself. */
  readonly ref: RefObject<HTMLUListElement | null>;
  readonly columns: number;
  /** Numbers of the first thing that is rendered, and of the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Pixels above the first, and of all. */
  readonly above: number;
  readonly height: number;
  /** Brings thing `index` into sight. */
  readonly show: (index: number) => void;
}

export interface RowSizes {
  readonly count: number;
  readonly rowHeight: number;
  /** The least width of a column; 0 where there is one. */
  readonly columnWidth: number;
}

interface Seen {
  readonly columns: number;
  readonly first: number;
  readonly last: number;
}

const beyond = 6;

/** Which of many things are in sight, as the window is scrolled: no more are rendered than that, and a few around them. */
export const useVirtualRows = ({ count, rowHeight, columnWidth }: RowSizes): Rows => {
  const ref = useRef<HTMLUListElement>(null);
  const [seen, setSeen] = useState<Seen>({ columns: 1, first: 0, last: 30 });
  useEffect(() => {
    const list = ref.current;
    if (list === null) return;
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const { top, width } = list.getBoundingClientRect();
      const columns = columnWidth === 0 ? 1 : Math.max(1, Math.floor(width / columnWidth));
      const first = Math.max(0, Math.floor(-top / rowHeight) - beyond);
      const last = Math.max(first, Math.ceil((innerHeight - top) / rowHeight) + beyond);
      setSeen((was) => (was.columns === columns && was.first === first && was.last === last ? was : { columns, first, last }));
    };
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    const size = new ResizeObserver(soon);
    size.observe(list);
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    look();
    return () => {
      cancelAnimationFrame(frame);
      size.disconnect();
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [rowHeight, columnWidth]);
  const { columns } = seen;
  const rows = Math.ceil(count / columns);
  const firstRow = Math.min(seen.first, Math.max(0, rows - 1));
  const show = useCallback(
    (index: number): void => {
      const list = ref.current;
      if (list === null) return;
      const top = list.getBoundingClientRect().top + Math.floor(index / columns) * rowHeight;
      // What sticks to the edges of the window covers some of it.
      const [above, below] = [112, 72];
      if (top < above) scrollBy({ top: top - above, behavior: 'instant' });
      else if (top + rowHeight > innerHeight - below) scrollBy({ top: top + rowHeight - innerHeight + below, behavior: 'instant' });
    },
    [columns, rowHeight],
  );
  return {
    ref,
    columns,
    first: firstRow * columns,
    end: Math.min(count, seen.last * columns),
    above: firstRow * rowHeight,
    height: rows * rowHeight,
    show,
  };
};
