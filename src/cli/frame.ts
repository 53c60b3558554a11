import { formatDuration, formatRate, formatSize } from '../core/size.ts';
import type { Board, Row, Total } from './board.ts';
import { padded, printable, shortened, widthOf } from './text.ts';

/** The room that a frame has, and whether more than ASCII may be drawn. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
  readonly unicode: boolean;
}

/**
 * The lines that show `board` now: one per active file, and one for all where there are several. None is as wide as
 * the room, so that no terminal wraps it, and together they leave a row free.
 */
export const frame = (board: Board, room: Room): readonly string[] => {
  const rows = board.rows;
  const total = board.total;
  const several = total.files > 1;
  const space = Math.max(1, room.rows - 1 - (several ? 1 : 0));
  const shown = rows.length > space ? rows.slice(0, Math.max(0, space - 1)) : rows;
  const label = several ? totalText(total) : '';
  const widest = Math.max(8, widthOf(label), ...shown.map((row) => widthOf(printable(row.name))));
  const nameWidth = Math.min(widest, Math.max(8, Math.floor(room.columns / 3)));
  const lines = shown.map((row) => rowLine(row, nameWidth, room));
  if (shown.length < rows.length) lines.push(`and ${rows.length - shown.length} more`);
  if (several && rows.length > 0) lines.push(composed(label, nameWidth, total, room));
  return lines.map((line) => shortened(line, Math.max(1, room.columns - 1)));
};

/** Milliseconds until `length` bytes are there; undefined where nothing comes or nobody knows how much. */
export const timeLeft = (bytes: number, length: number | undefined, rate: number): number | undefined =>
  length === undefined || rate <= 0 ? undefined : (Math.max(0, length - bytes) / rate) * 1000;

/** `45.2%`, never 100 % before the last byte. */
export const percentText = (bytes: number, length: number | undefined): string => {
  if (length === undefined) return '';
  const share = length === 0 ? 1 : Math.min(1, bytes / length);
  return `${(share < 1 ? Math.min(99.9, Math.floor(share * 1000) / 10) : 100).toFixed(1)}%`;
};

const rowLine = (row: Row, nameWidth: number, room: Room): string =>
  composed(printable(row.name), nameWidth, row, room, `${row.connections}${room.unicode ? '×' : 'x'}`);

const totalText = ({ finished, files, failed }: Total): string => `${finished} of ${files} files${failed > 0 ? `, ${failed} failed` : ''}`;

interface Amount {
  readonly bytes: number;
  readonly length: number | undefined;
  readonly rate: number;
}

/** Columns in the order in which they are given up when there is no room for all: connections, bar, time left, rate. */
const composed = (name: string, nameWidth: number, amount: Amount, room: Room, connections = ''): string => {
  const { bytes, length, rate } = amount;
  const done = length === undefined ? formatSize(bytes) : `${formatSize(bytes)}/${formatSize(length)}`;
  const parts = {
    percent: percentText(bytes, length).padStart(6),
    done: done.padStart(19),
    rate: formatRate(rate).padStart(11),
    left: formatDuration(timeLeft(bytes, length, rate) ?? Number.NaN).padStart(7),
    connections: connections.padStart(4),
  };
  let used = nameWidth + 1 + parts.percent.length + 1 + parts.done.length;
  const fits = (width: number): boolean => {
    if (used + width >= room.columns) return false;
    used += width;
    return true;
  };
  const rateShown = fits(parts.rate.length + 1);
  const leftShown = fits(parts.left.length + 1);
  const barWidth = Math.min(30, room.columns - 1 - used - parts.connections.length - 3);
  const barShown = barWidth >= 6 && fits(barWidth + 1);
  const connectionsShown = fits(parts.connections.length + 1);
  return [
    padded(shortened(name, nameWidth), nameWidth),
    barShown ? bar(bytes, length, barWidth, room.unicode) : undefined,
    parts.percent,
    parts.done,
    rateShown ? parts.rate : undefined,
    leftShown ? parts.left : undefined,
    connectionsShown ? parts.connections : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' ')
    .trimEnd();
};

/** Nothing where no length is known: an empty bar would promise that there is an end to see. */
const bar = (bytes: number, length: number | undefined, width: number, unicode: boolean): string => {
  if (length === undefined) return ' '.repeat(width);
  const full = length === 0 ? width : Math.floor((Math.min(bytes, length) / length) * width);
  return (unicode ? '━' : '#').repeat(full) + (unicode ? '─' : '-').repeat(width - full);
};
