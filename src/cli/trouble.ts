import type { LogRecord } from './json-lines.ts';

/** How long a file may stand still before its retries are told, and how often they are then, in milliseconds. */
const still = 2_000;
const pace = 10_000;

/** Tells which retries are worth a line to those who did not ask for more: the ones that keep a file from going on. */
export class Trouble {
  readonly #moved = new Map<unknown, number>();
  readonly #told = new Map<unknown, number>();

  /** Whether `record` tells of trouble that a user wonders about. */
  isWorth(record: LogRecord): boolean {
    const now = Date.parse(record.time);
    const { file } = record;
    if (record.event === 'progress' && Number(record.rate) > 0) this.#moved.set(file, now);
    if (record.event !== 'retry') return false;
    if (now - (this.#moved.get(file) ?? 0) < still || now - (this.#told.get(file) ?? 0) < pace) return false;
    this.#told.set(file, now);
    return true;
  }
}
