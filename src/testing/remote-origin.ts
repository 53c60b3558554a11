import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Fault } from './faults.ts';
import type { Exchange, Origin, OriginOptions } from './origin.ts';
import type { OriginFile } from './origin-file.ts';

/** What a remote origin can be told. */
export type Call =
  | { readonly name: 'down' | 'up' | 'close' | 'requests' | 'counts' }
  | { readonly name: 'change'; readonly path: string; readonly file: OriginFile | undefined }
  | { readonly name: 'misbehave'; readonly faults: readonly Fault[] };

/** What it says back; number 0 is the port, once it listens. */
export type Outcome = { readonly id: number } & ({ readonly value: unknown } | { readonly error: unknown });

/** The built program lies beside the built package, also where this runs from its source. */
const program = (): string => {
  const built = ['./testing/origin-process.js', './origin-process.js', '../../dist/testing/origin-process.js'];
  const found = built.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
  if (found === undefined) throw new Error('the origin in a process of its own needs the built package: npm run build');
  return found;
};

/** An `Origin` in a process of its own, so that its work is not counted with what is measured. Start it with `startOriginProcess`. */
export class RemoteOrigin {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #options: OriginOptions;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #calls = 0;

  constructor(child: ChildProcess, options: OriginOptions, port: number) {
    this.port = port;
    this.#child = child;
    this.#options = options;
    child.on('message', (outcome: Outcome) => {
      const waiting = this.#waiting.get(outcome.id);
      this.#waiting.delete(outcome.id);
      if ('error' in outcome) waiting?.reject(outcome.error);
      else waiting?.resolve(outcome.value);
    });
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the origin is gone'));
      this.#waiting.clear();
    });
  }

  /** Process id, for those who measure it. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Absolute URL of `path`. */
  url(path: string): string {
    const scheme = this.#options.tls === undefined ? 'http' : 'https';
    return `${scheme}://${this.#options.host ?? '127.0.0.1'}:${this.port}${path}`;
  }

  async change(path: string, file: OriginFile | undefined): Promise<void> {
    await this.#call({ name: 'change', path, file });
  }

  async misbehave(faults: readonly Fault[]): Promise<void> {
    await this.#call({ name: 'misbehave', faults });
  }

  async requests(): Promise<readonly Exchange[]> {
    return (await this.#call({ name: 'requests' })) as readonly Exchange[];
  }

  async counts(): Promise<Origin['counts']> {
    return (await this.#call({ name: 'counts' })) as Origin['counts'];
  }

  async down(): Promise<void> {
    await this.#call({ name: 'down' });
  }

  async up(): Promise<void> {
    await this.#call({ name: 'up' });
  }

  /** Ends the process; rejects where the origin itself failed. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#call({ name: 'close' });
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(call: Call): Promise<unknown> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, call }, (error) => {
        if (error === null) return;
        this.#waiting.delete(id);
        reject(error);
      });
    });
  }
}

/** Starts an origin in a process of its own. Needs the built package. */
export const startOriginProcess = async (options: OriginOptions = {}): Promise<RemoteOrigin> => {
  const child = fork(program(), { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (outcome: Outcome) => resolve('value' in outcome ? Number(outcome.value) : 0));
    child.once('exit', (code) => reject(new Error(`the origin did not start (exit ${code})`)));
    child.send(options);
  });
  return new RemoteOrigin(child, options, port);
};
