/** The built program as a user meets it: arguments, environment, streams, exit code, time and memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A directory that is gone after the test; the program finds its home in it. */
export class Desk {
  readonly path = mkdtempSync(join(tmpdir(), 'hydrant-e2e-'));

  /** Absolute path of a name on this desk. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Ended {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly elapsed: number;
  /** The most memory that was resident, in bytes. */
  readonly peak: number;
}

export interface RunOptions {
  readonly desk: Desk;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** 'blocked': nobody reads it until `read` is called. */
  readonly stdout?: 'collected' | 'blocked';
  /** Milliseconds after which it counts as hanging. */
  readonly within?: number;
  /** Program and arguments that run it: `unshare -rm …`. */
  readonly wrapper?: readonly string[];
}

/** Absolute path of a built program; throws where it is not built. */
export const programPath = (program: 'hydrant' | 'hs'): string => {
  const path = fileURLToPath(new URL(`../../dist/cli/${program === 'hs' ? 'hs' : 'main'}.js`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is not built: npm run build`);
  return path;
};

const peakOf = (pid: number): number => {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
};

/** A started program. */
export class Running {
  /** Resolves when it is over; rejects where it hangs, and then it is killed. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  #stderr = '';
  #reading = false;

  constructor(command: readonly string[], options: RunOptions) {
    const [file = '', ...args] = command;
    const home = options.desk.path;
    const started = performance.now();
    const child = spawn(file, args, {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: join(home, '.config'), NO_COLOR: '1', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    if (options.stdout !== 'blocked') this.read();
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, peakOf(this.pid));
    }, 20);
    this.ended = new Promise((resolve, reject) => {
      const within = options.within ?? 30_000;
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        child.stdout.destroy();
        reject(new Error(`hangs for ${within} ms: ${args.slice(1).join(' ')}\n${this.#stderr}`));
      }, within);
      child.on('error', reject);
      child.on('exit', () => {
        // Nobody may be there to read what is left.
        if (!this.#reading) child.stdout.destroy();
      });
      child.on('close', (code, signal) => {
        clearTimeout(late);
        clearInterval(watch);
        const elapsed = performance.now() - started;
        const stdout = Buffer.concat(this.#stdout);
        resolve({ code: code ?? undefined, signal: signal ?? undefined, stdout, stderr: this.#stderr, elapsed, peak });
      });
    });
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has said so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Reads stdout from now on; `take` gets the parts, which otherwise are kept for the end. */
  read(take: (part: Buffer) => void = (part) => this.#stdout.push(part)): void {
    this.#reading = true;
    this.#child.stdout?.on('data', take);
  }

  /** Stops reading stdout. */
  pause(): void {
    this.#child.stdout?.pause();
  }

  /** Goes on reading it. */
  resume(): void {
    this.#child.stdout?.resume();
  }

  /** Closes the reading end of stdout. */
  leave(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** The records that `--json` put on stderr. */
export const recordsOf = (ended: Ended): readonly Readonly<Record<string, unknown>>[] =>
  ended.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What the record `event` says of `fact`, as a number; the last one where there are several. */
export const factOf = (ended: Ended, event: string, fact: string): number =>
  Number(recordsOf(ended).findLast((record) => record.event === event && fact in record)?.[fact]);

/** Starts the built program with the Node that runs the tests. */
export const start = (program: 'hydrant' | 'hs', args: readonly string[], options: RunOptions): Running =>
  new Running([...(options.wrapper ?? []), process.execPath, programPath(program), ...args], options);

/** Runs `hydrant` to its end. */
export const hydrant = (args: readonly string[], options: RunOptions): Promise<Ended> => start('hydrant', args, options).ended;

/** Runs `hs` to its end. */
export const hs = (args: readonly string[], options: RunOptions): Promise<Ended> => start('hs', args, options).ended;
