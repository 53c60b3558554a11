/** The built server as its clients meet it: started, asked, killed and started again on one desk. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect, vi } from 'vitest';

import { type Desk, type Running, type RunOptions, start } from './run.ts';

/** An answer, its body read as JSON where it is some. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test says of a body is what it expects of it.
  readonly body: any;
}

/** What came of a stream: all of it, or what there was before it broke off. */
export interface Read {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  /** Whether it ended as its head said. */
  readonly whole: boolean;
  /** Milliseconds until the first byte of the body, or its end. */
  readonly first: number;
}

export interface ReadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Is told how many bytes there are so far. */
  readonly seen?: (size: number) => unknown;
  readonly signal?: AbortSignal;
}

/** Reads `url` to its end, whatever that is. */
export const read = (url: string, { headers = {}, seen, signal }: ReadOptions = {}): Promise<Read> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    let answered = false;
    const asked = request(url, { headers, agent: false, signal }, (response) => {
      answered = true;
      const parts: Buffer[] = [];
      let size = 0;
      let first: number | undefined;
      response.on('data', (part: Buffer) => {
        first ??= performance.now() - began;
        parts.push(part);
        size += part.length;
        seen?.(size);
      });
      response.on('error', () => undefined);
      response.on('close', () => {
        const { statusCode: status = 0, headers: fields, complete: whole } = response;
        resolve({
          status,
          headers: fields as Read['headers'],
          bytes: Buffer.concat(parts),
          whole,
          first: first ?? performance.now() - began,
        });
      });
    });
    // What goes wrong after the head is told by what came.
    asked.on('error', (error) => (answered ? undefined : reject(error))).end();
  });

/** A server that runs. */
export class Serving {
  readonly running: Running;
  readonly url: string;

  private constructor(running: Running, url: string) {
    this.running = running;
    this.url = url;
  }

  /** Starts a server on a port of its own, and waits until it has said where. Rejects with what it says where it does not start. */
  static async start(desk: Desk, args: readonly string[] = [], options: Partial<RunOptions> = {}): Promise<Serving> {
    const running = start('hydrant', ['serve', '--bind', '127.0.0.1:0', '--grace', '0', ...args], { desk, within: 1_200_000, ...options });
    const late = running.ended.then(({ code, stderr }) => {
      throw new Error(`ended with ${code}: ${stderr}`);
    });
    late.catch(() => undefined);
    const begun = vi.waitFor(() => expect(running.stderr).toMatch(/^ {2}state .*\n/m), { timeout: 20_000, interval: 5 });
    begun.catch(() => undefined);
    await Promise.race([begun, late]);
    return new Serving(running, /^hydrant serves (.*)$/m.exec(running.stderr)?.[1] ?? '');
  }

  /** `METHOD path`, with a JSON body where there is one. */
  async ask(what: string, body?: unknown): Promise<Answer> {
    const [method = '', path = ''] = what.split(' ');
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(new URL(path, this.url), { method, ...json });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Makes a task; its id. */
  async task(body: unknown): Promise<string> {
    const made = await this.ask('POST api/tasks', body);
    expect(made, JSON.stringify(made.body)).toMatchObject({ status: 200 });
    return made.body.task_id;
  }

  /** Reads the file of a task. */
  read(id: string, options?: ReadOptions): Promise<Read> {
    return read(`${this.url}stream/${id}`, options);
  }

  /** Bytes of memory that it has taken at most. */
  get peak(): number {
    const status = readFileSync(`/proc/${this.running.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    this.running.kill('SIGKILL');
    expect((await this.running.ended).signal).toBe('SIGKILL');
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    this.running.kill('SIGTERM');
    const ended = await this.running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stderr).not.toMatch(/\bbug\b|^\s+at /m);
  }

  /** Ends it whatever it does, where that wasn't done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.running.kill('SIGKILL');
    await this.running.ended.catch(() => undefined);
  }
}
