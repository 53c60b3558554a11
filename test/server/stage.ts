import { systemClock } from '../../src/client/clock.ts';
import type { TaskStore } from '../../src/core/ports.ts';
import { type Control, type ControlOptions, openControl } from '../../src/server/control.ts';
import { MemoryTaskStore } from '../../src/server/memory-task-store.ts';
import { FakeLive } from './fake-live.ts';

/** An answer, its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test says of a body is what it expects of it.
  readonly body: any;
}

/** A control plane over a running side that runs nothing. */
export interface Stage {
  readonly control: Control;
  readonly live: FakeLive;
  readonly store: TaskStore;
  readonly notes: string[];
  /** `METHOD /path`, with a JSON body where there is one. */
  ask(what: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  request(what: string, init?: RequestInit): Promise<Response>;
}

export const stage = async (options: Partial<ControlOptions> = {}): Promise<Stage> => {
  const live = new FakeLive();
  const store = options.store ?? new MemoryTaskStore();
  const notes: string[] = [];
  const note = (message: string) => void notes.push(message);
  const control = await openControl({ live, store, clock: systemClock, version: '0.0.0', note, ...options });
  const request = (what: string, init: RequestInit = {}): Promise<Response> => {
    const [method = '', path] = what.split(' ');
    return control.fetch(new Request(`http://127.0.0.1:9527${path}`, { method, ...init }));
  };
  const ask: Stage['ask'] = async (what, body, headers = {}) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } };
    const response = await request(what, { headers, ...json });
    const text = await response.text();
    const isJson = /[/+]json$/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return { control, live, store, notes, ask, request };
};
