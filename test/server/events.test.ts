import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Stage, stage } from './stage.ts';

interface Said {
  readonly id?: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test says of an event is what it expects of it.
  readonly data: any;
}

/** A clock whose timers act when they are told to. */
class HandClock {
  #timers = new Set<{ readonly at: number; readonly act: () => void }>();
  #now = 0;
  now = () => this.#now;
  wall = () => 1_800_000_000_000 + this.#now;
  after = (delay: number, act: () => void): (() => void) => {
    const timer = { at: this.#now + delay, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };
  get timers(): number {
    return this.#timers.size;
  }
  pass(time: number): void {
    this.#now += time;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer);
      timer.act();
    }
  }
}

/** A client of the event stream. */
class Watcher {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(response: Response) {
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  /** The next block: fields, or a comment. */
  async block(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return block;
      }
      const { done, value } = await this.#reader.read();
      if (done) throw new Error('the stream ended');
      this.#text += Buffer.from(value).toString();
    }
  }

  async next(): Promise<Said> {
    for (;;) {
      const fields = Object.fromEntries((await this.block()).split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.event !== undefined) return { ...fields, data: JSON.parse(fields.data) };
    }
  }

  async until(event: string): Promise<Said> {
    for (;;) {
      const said = await this.next();
      if (said.event === event) return said;
    }
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

let clock: HandClock;
let server: Stage;
beforeEach(async () => {
  clock = new HandClock();
  server = await stage({ clock });
});
afterEach(() => server.control.close());

const watch = async (last?: string): Promise<Watcher> =>
  new Watcher(await server.request('GET /api/events', last === undefined ? {} : { headers: { 'Last-Event-ID': last } }));
const made = async (): Promise<string> => (await server.ask('POST /api/tasks', { url: 'http://127.0.0.1/f' })).body.task_id;

describe('events', () => {
  it('tell what becomes of tasks, as the list would', async () => {
    const watcher = await watch();
    expect((await watcher.next()).event).toBe('hello');
    const id = await made();
    const created = await watcher.next();
    expect(created).toMatchObject({ event: 'task', data: (await server.ask(`GET /api/tasks/${id}`)).body });
    await server.ask(`PATCH /api/tasks/${id}`, { name: 'x' });
    expect((await watcher.next()).data.config.name).toBe('x');
    await server.ask(`POST /api/tasks/${id}/pause`);
    expect((await watcher.next()).data.paused).toBe(true);
    await server.ask(`DELETE /api/tasks/${id}`);
    expect(await watcher.next()).toMatchObject({ event: 'task-deleted', data: { task_id: id } });
    await server.ask('PUT /api/settings', { global_rate_limit_bps: 5 });
    expect(await watcher.next()).toMatchObject({ event: 'settings', data: { global_rate_limit_bps: 5 } });
    await watcher.leave();
  });

  it('tell of fills, health and the log of tasks', async () => {
    const id = await made();
    const watcher = await watch();
    await watcher.next();
    await server.ask(`POST /api/tasks/${id}/cache`);
    server.live.tell({ kind: 'fill', task: id });
    expect(await watcher.next()).toMatchObject({ event: 'fill', data: { task_id: id, cache_job: { state: 'running' } } });
    server.live.tell({ kind: 'health', task: id });
    expect((await watcher.next()).data.url_health).toHaveLength(1);
    const entry = { time: '2026-01-01T00:00:00Z', level: 'warn', event: 'retry', message: 'again' } as const;
    server.live.tell({ kind: 'log', task: id, entry });
    expect(await watcher.next()).toMatchObject({ event: 'log', data: { task_id: id, entry } });
    await watcher.leave();
  });

  it('after a lost connection go on where it ended', async () => {
    const first = await watch();
    const { id: start } = await first.next();
    await first.leave();
    const ids = [await made(), await made(), await made()];
    const second = await watch(start);
    const seen: Said[] = [];
    for (const _ of ids) seen.push(await second.next());
    expect(seen.map(({ data }) => data.task_id)).toEqual(ids);
    await second.leave();
    const third = await watch(seen[1]?.id);
    expect((await third.next()).data.task_id).toBe(ids[2]);
    await third.leave();
  });

  it('that are too long ago, or of another run, make the client start over', async () => {
    const first = await watch();
    const { id: start = '' } = await first.next();
    await first.leave();
    for (const odd of ['0-0', 'x', `${start.split('-')[0]}-99`, `${start.split('-')[0]}-x`]) {
      const watcher = await watch(odd);
      expect((await watcher.next()).event, odd).toBe('reset');
      await watcher.leave();
    }
    const id = await made();
    for (let count = 0; count < 1100; count++) server.live.tell({ kind: 'health', task: id });
    const late = await watch(start);
    expect((await late.next()).event).toBe('reset');
    await late.leave();
  });

  it('a client that does not read costs nothing, and is then told how things are', async () => {
    const watcher = await watch();
    await watcher.next();
    const id = await made();
    for (let count = 0; count < 500; count++) await server.ask(`PATCH /api/tasks/${id}`, { name: `${count}` });
    expect((await watcher.next()).data.config.name).toBe('499');
    for (let count = 0; count < 3000; count++) server.live.tell({ kind: 'health', task: id });
    expect((await watcher.next()).event).toBe('reset');
    await watcher.leave();
  });

  it('samples come once a second while something moves, and once more when it rests', async () => {
    const id = await made();
    const watcher = await watch();
    await watcher.next();
    const running = server.live.tasks.get(id);
    const next = watcher.until('sample');
    await new Promise(setImmediate);
    clock.pass(1_000);
    if (running !== undefined) Object.assign(running, { rate: 5, activeConnections: 1, bytesServed: 9 });
    clock.pass(1_000);
    expect(await next).toMatchObject({
      data: { tasks: [{ task_id: id, current_speed_bps: 5, bytes_served: 9 }], global: { task_count: 1 } },
    });
    if (running !== undefined) Object.assign(running, { rate: 0, activeConnections: 0 });
    const last = watcher.until('sample');
    await new Promise(setImmediate);
    clock.pass(1_000);
    expect((await last).data.tasks).toMatchObject([{ task_id: id, current_speed_bps: 0 }]);
    await watcher.leave();
  });

  it('a sign of life comes where nothing happens', async () => {
    const watcher = await watch();
    await watcher.next();
    const next = watcher.block();
    await new Promise(setImmediate);
    clock.pass(15_000);
    expect(await next).toMatch(/^:/);
    await watcher.leave();
  });

  it('end for all when the server ends, and leave nothing when a client goes', async () => {
    const [one, other] = [await watch(), await watch()];
    await one.next();
    await other.next();
    const waiting = other.next();
    await one.leave();
    await server.control.close();
    await expect(waiting).rejects.toThrow('ended');
    expect(clock.timers).toBe(0);
  });

  it('HEAD opens no stream', async () => {
    const { status } = await server.request('HEAD /api/events');
    expect(status).toBe(200);
    expect((await server.ask('GET /metrics')).body).toContain('hydrant_event_clients 0');
  });

  it('more clients than there may be are told to come later', async () => {
    const watchers = await Promise.all(Array.from({ length: 256 }, () => watch()));
    for (const watcher of watchers) await watcher.next();
    const { status, headers } = await server.ask('GET /api/events');
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
    await Promise.all(watchers.map((watcher) => watcher.leave()));
  });
});
