import type { LogRecord } from './json-lines.ts';

/** A file that is under way. `length` is undefined where no source says it. */
export interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly length: number | undefined;
  readonly rate: number;
  readonly connections: number;
}

/** All files of a run together. */
export interface Total {
  readonly files: number;
  readonly finished: number;
  readonly failed: number;
  readonly bytes: number;
  /** Undefined until the lengths of all files are known. */
  readonly length: number | undefined;
  readonly rate: number;
}

/** What is going on, gathered from records. */
export class Board {
  readonly #files: number;
  readonly #active = new Map<number, Row>();
  readonly #lengths = new Map<number, number>();
  #finished = 0;
  #failed = 0;
  #bytes = 0;

  /** `files` is how many there will be. */
  constructor(files: number) {
    this.#files = files;
  }

  /** Files under way, in the order in which they began. */
  get rows(): readonly Row[] {
    return [...this.#active.values()];
  }

  get total(): Total {
    const rows = this.rows;
    const known = this.#lengths.size + this.#failed >= this.#files;
    return {
      files: this.#files,
      finished: this.#finished,
      failed: this.#failed,
      bytes: rows.reduce((sum, row) => sum + row.bytes, this.#bytes),
      length: known ? [...this.#lengths.values()].reduce((sum, length) => sum + length, 0) : undefined,
      rate: rows.reduce((sum, row) => sum + row.rate, 0),
    };
  }

  apply(record: LogRecord): void {
    const file = Number(record.file ?? 0);
    const length = number(record.length);
    switch (record.event) {
      case 'progress':
        if (length !== undefined) this.#lengths.set(file, length);
        this.#active.set(file, {
          name: String(record.name ?? ''),
          bytes: number(record.bytes) ?? 0,
          length,
          rate: number(record.rate) ?? 0,
          connections: number(record.connections) ?? 0,
        });
        return;
      case 'done':
        this.#active.delete(file);
        this.#finished++;
        this.#bytes += number(record.bytes) ?? 0;
        this.#lengths.set(file, number(record.bytes) ?? 0);
        return;
      case 'failed':
        if (record.file === undefined) return;
        this.#active.delete(file);
        this.#lengths.delete(file);
        this.#failed++;
    }
  }
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
