import { formatDuration, formatRate, formatSize } from '../core/size.ts';
import { Board } from './board.ts';
import { percentText, timeLeft } from './frame.ts';
import type { LogRecord } from './json-lines.ts';
import { messageOf } from './message.ts';
import { printable } from './text.ts';
import { Trouble } from './trouble.ts';

/** How often a line of progress is written, in milliseconds. */
const pace = 10_000;

/** Plain lines: what is said where there is no terminal. */
export class Plain {
  readonly #say: (text: string) => void;
  readonly #board: Board;
  readonly #options: { readonly verbose: boolean; readonly progress: boolean };
  readonly #trouble = new Trouble();
  #saidAt: number | undefined;

  constructor(say: (text: string) => void, files: number, options: { readonly verbose: boolean; readonly progress: boolean }) {
    this.#say = say;
    this.#board = new Board(files);
    this.#options = options;
  }

  show(record: LogRecord): void {
    this.#board.apply(record);
    const now = Date.parse(record.time);
    this.#saidAt ??= now;
    const line = messageOf(record, this.#trouble.isWorth(record) || this.#options.verbose);
    if (line !== undefined) this.#say(`${line}\n`);
    if (!this.#options.progress || record.event !== 'progress' || now - this.#saidAt < pace) return;
    this.#saidAt = now;
    this.#say(`${progressText(this.#board)}\n`);
  }

  close(): void {}
}

/** Errors alone, for whoever asked for quiet. */
export class ErrorsOnly {
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  show(record: LogRecord): void {
    const line = record.level === 'error' ? messageOf(record, false) : undefined;
    if (line !== undefined) this.#say(`${line}\n`);
  }

  close(): void {}
}

/** `genome.gz: 45.2%, 540 MiB of 1.2 GiB, 29 MiB/s, 0:23 left`; several files are told of in one line. */
export const progressText = (board: Board): string => {
  const { rows, total } = board;
  const only = total.files === 1 ? rows[0] : undefined;
  const { bytes, length, rate } = only ?? total;
  const left = timeLeft(bytes, length, rate);
  const done = length === undefined ? formatSize(bytes) : `${percentText(bytes, length)}, ${formatSize(bytes)} of ${formatSize(length)}`;
  const name = only === undefined ? `${total.finished} of ${total.files} files` : printable(only.name);
  return `${name}: ${done}, ${formatRate(rate)}${left === undefined ? '' : `, ${formatDuration(left)} left`}`;
};
