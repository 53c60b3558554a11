import { isatty } from 'node:tty';
import { inspect } from 'node:util';

import type { HydrantError } from '../core/errors.ts';
import type { Options } from '../core/options.ts';
import type { Descriptor } from './descriptor.ts';
import { jsonLine, type LogRecord, recordOf, recordTable, type Told } from './json-lines.ts';
import { openLog, openOutlet } from './outlet.ts';
import { ErrorsOnly, Plain } from './plain.ts';
import { Terminal } from './terminal.ts';

/** The options that decide what is said, and where. */
export type Manner = Pick<Options, 'quiet' | 'progress' | 'verbose' | 'json' | 'logFile' | 'debug'> & {
  /** Not even errors on the console. */
  readonly silent?: boolean;
  /** The log file gets the lines that people read. */
  readonly plainLog?: boolean;
};

/** Shows records somewhere. */
interface Face {
  show(record: LogRecord): void;
  close(): void;
}

/** Tells people, logs and programs what happens in one run: everything goes to stderr, a log file, or a descriptor. */
export class Report {
  readonly #faces: readonly Face[];
  readonly #debug: boolean;
  readonly #failures = new Set<string>();
  readonly #outlets: readonly Descriptor[];

  constructor(faces: readonly Face[], outlets: readonly Descriptor[], debug: boolean) {
    this.#faces = faces;
    this.#outlets = outlets;
    this.#debug = debug;
  }

  /** Takes what a client observes, and the command line's own events. */
  readonly tell = (told: Told): void => {
    if (!this.#debug && recordTable[told.event].level === 'debug') return;
    const record = recordOf(told, Date.now());
    if (told.event === 'failed') this.#failures.add(told.code + told.message);
    for (const face of this.#faces) face.show(record);
  };

  warn(message: string): void {
    this.tell({ event: 'warning', message });
  }

  /** Tells of an error, unless a client has told of it before; under `--debug` with its stack. */
  fail(error: HydrantError): void {
    const { code, message, url } = error;
    if (!this.#failures.has(code + message)) this.tell({ event: 'failed', code, message, ...(url !== undefined && { url }) });
    if (this.#debug) this.tell({ event: 'trace', code, stack: inspect(error) });
  }

  /** Takes the progress away for good; what is still to be said comes as lines. */
  settle(): void {
    for (const face of this.#faces) face.close();
  }

  /** Takes the progress away and waits until all is written, for at most `patience` milliseconds. */
  async close(patience?: number): Promise<void> {
    this.settle();
    await Promise.all(this.#outlets.map((outlet) => outlet.drain(patience)));
  }
}

/** The report that `manner` asks for, on a run of `files` files. Throws OPTION_INVALID where a log can't be opened. */
export const openReport = (manner: Manner, files: number, stderr: Descriptor): Report => {
  const faces: Face[] = [];
  const outlets: Descriptor[] = [stderr];
  if (manner.logFile !== undefined) {
    const log = openLog(manner.logFile);
    outlets.push(log);
    const say = (text: string): void => log.say(text);
    faces.push(manner.plainLog === true ? new Stamped(say, files) : new JsonLines(say));
  }
  if (manner.json !== undefined && manner.silent !== true) {
    const outlet = manner.json === 2 ? stderr : openOutlet(manner.json);
    if (outlet !== stderr) outlets.push(outlet);
    faces.push(new JsonLines((text) => outlet.say(text)));
  }
  if (manner.json !== 2 && manner.silent !== true) faces.push(openFace(manner, files, stderr));
  return new Report(faces, outlets, manner.debug);
};

const openFace = (manner: Manner, files: number, stderr: Descriptor): Face => {
  const verbose = manner.verbose || manner.debug;
  const say = (text: string): void => stderr.say(text);
  if (manner.quiet) return new ErrorsOnly(say);
  if (!manner.progress || !isatty(2) || process.env.TERM === 'dumb') return new Plain(say, files, { verbose, progress: manner.progress });
  const stream = process.stderr;
  const terminal = new Terminal(
    {
      get columns() {
        return stream.columns || 80;
      },
      get rows() {
        return stream.rows || 24;
      },
      get busy() {
        return stderr.waiting > 0;
      },
      say,
    },
    files,
    { verbose, unicode: isUnicode(process.env) },
  );
  stream.on('resize', () => terminal.resize());
  process.on('SIGCONT', () => terminal.resume());
  return terminal;
};

/** Records as JSON Lines; progress once a second for each file. */
class JsonLines implements Face {
  readonly #say: (text: string) => void;
  readonly #progressAt = new Map<unknown, number>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  show(record: LogRecord): void {
    if (record.event === 'progress') {
      const now = Date.parse(record.time);
      const last = this.#progressAt.get(record.file) ?? Number.NEGATIVE_INFINITY;
      if (now - last < 950) return;
      this.#progressAt.set(record.file, now);
    }
    this.#say(jsonLine(record));
  }

  close(): void {}
}

/** Plain lines with the time before each. */
class Stamped implements Face {
  readonly #plain: Plain;
  #time = '';

  constructor(say: (text: string) => void, files: number) {
    this.#plain = new Plain((text) => say(`${this.#time} ${text}`), files, { verbose: true, progress: true });
  }

  show(record: LogRecord): void {
    this.#time = record.time;
    this.#plain.show(record);
  }

  close(): void {}
}

const isUnicode = (environment: NodeJS.ProcessEnv): boolean =>
  /utf-?8/i.test(environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '');
