import type { RangeSet } from '../core/range-set.ts';
import type { Want } from './demand.ts';

/** Where a reader stands and how far he wants to read. */
interface Place {
  readonly head: number;
  readonly next: number;
  readonly end: number;
}

export interface Windows {
  /** Bytes ahead of each reader. */
  readonly size: number;
  readonly wants: readonly Want[];
}

/** The least that is fetched ahead of a reader, however many there are. */
const leastWindow = 64 * 1024;
/** Readers whose next missing bytes are no further apart are served as one. */
const together = 512 * 1024;

/**
 * The windows of `readers`, as wants in order of need: who has the least ahead of him first. They do not overlap: a window
 * ends where that of a reader who lacks something else begins, and those who lack the same share one.
 * All together are no larger than `budget` where windows of 64 KiB can be that.
 */
export const windowsOf = (readers: Iterable<Place>, limits: { window: number; budget: number }, held: RangeSet): Windows => {
  const places = [...readers].sort((a, b) => a.head - b.head);
  let size = limits.window;
  let windows = merged(places, size, held);
  while (size > leastWindow && windows.reduce((sum, { start, end }) => sum + end - start, 0) > limits.budget) {
    size = Math.max(leastWindow, size / 2);
    windows = merged(places, size, held);
  }
  return { size, wants: windows.sort((a, b) => a.ahead - b.ahead) };
};

interface Window extends Want {
  end: number;
  last: number;
  /** Where the first of its readers lacks something. */
  readonly gap: number;
  /** Bytes that lie ready for the reader of it who has least. */
  ahead: number;
}

const merged = (places: readonly Place[], size: number, held: RangeSet): Window[] => {
  const windows: Window[] = [];
  for (const { head, next, end: last } of places) {
    const end = Math.min(last, head + size);
    const gap = held.runFrom(next);
    const ahead = gap - next;
    const open = windows.at(-1);
    const shared = open !== undefined && head <= open.end && (head <= open.gap || gap - open.gap <= together);
    if (shared) {
      open.end = Math.max(open.end, end);
      open.last = Math.max(open.last, last);
      open.ahead = Math.min(open.ahead, ahead);
      continue;
    }
    if (open === undefined || head > open.end) windows.push({ start: head, end, last, ordered: true, ahead, gap });
    else {
      windows.push({ start: head, end: Math.max(end, open.end), last: Math.max(last, open.last), ordered: true, ahead, gap });
      open.end = head;
    }
  }
  return windows;
};
