/**
 * Progress on a terminal, drawn in one write per frame: up to the first line of the last frame, each line written over
 * what was there and cleared to its end, the rest of the screen cleared. Lines that are to stay go above the frame and
 * scroll away. Written here because multi-bar libraries clear lines before they draw them, which flickers, count lines
 * wrongly after a resize, and bring their own rates.
 */

import { Board } from './board.ts';
import { frame, type Room } from './frame.ts';
import type { LogRecord } from './json-lines.ts';
import { messageOf } from './message.ts';
import { widthOf } from './text.ts';
import { Trouble } from './trouble.ts';

/** Shortest time between two frames, in milliseconds. */
const pace = 100;

/** Where frames go. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Whether the last frame is still on its way: the next one can wait. */
  readonly busy: boolean;
  say(text: string): void;
}

/** What a terminal shows of a run. */
export class Terminal {
  readonly #screen: Screen;
  readonly #board: Board;
  readonly #verbose: boolean;
  readonly #unicode: boolean;
  readonly #trouble = new Trouble();
  #drawn: readonly string[] = [];
  #above: string[] = [];
  #drawnAt = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(screen: Screen, files: number, options: { readonly verbose: boolean; readonly unicode: boolean }) {
    this.#screen = screen;
    this.#board = new Board(files);
    this.#verbose = options.verbose;
    this.#unicode = options.unicode;
  }

  show(record: LogRecord): void {
    this.#board.apply(record);
    const line = messageOf(record, this.#trouble.isWorth(record) || this.#verbose);
    if (line !== undefined) this.#above.push(line);
    const now = Date.parse(record.time);
    const soon = line !== undefined || now - this.#drawnAt >= pace || now < this.#drawnAt;
    if (!soon || (this.#screen.busy && line === undefined)) return;
    this.#drawnAt = now;
    this.#draw();
  }

  /** Draws anew where the cursor stands: whoever stopped the program has written over the last frame. */
  resume(): void {
    this.#drawn = [];
    this.#draw();
  }

  /** Draws for a screen of another size. */
  resize(): void {
    this.#draw();
  }

  /** Takes the frame away for good; what was said above it stays, and what is still to be said comes as lines. */
  close(): void {
    this.#over = true;
    this.#draw();
  }

  #draw(): void {
    const room: Room = { columns: this.#screen.columns, rows: this.#screen.rows, unicode: this.#unicode };
    const lines = this.#over ? [] : frame(this.#board, room);
    const text = repaint(this.#drawn, lines, this.#above, room.columns);
    this.#drawn = lines;
    this.#above = [];
    if (text !== '') this.#screen.say(text);
  }
}

/** What turns the frame `before` into the frame `after`, with the lines `above` put over it for good. */
export const repaint = (before: readonly string[], after: readonly string[], above: readonly string[], columns: number): string => {
  if (before.length === 0 && after.length === 0 && above.length === 0) return '';
  // A terminal that became narrower has wrapped the old lines: the frame is as many rows higher.
  const height = before.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns))), 0);
  const up = height > 0 ? `\x1b[${height}A\r` : '';
  return `${up}${[...above, ...after].map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`;
};
