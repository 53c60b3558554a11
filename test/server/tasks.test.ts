import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { TaskPage } from '../../src/server/api-types.ts';
import { FileTaskStore } from '../../src/server/file-task-store.ts';
import { MemoryTaskStore } from '../../src/server/memory-task-store.ts';
import { type Stage, stage } from './stage.ts';

const folder = await mkdtemp(join(tmpdir(), 'hydrant-tasks-'));
afterAll(() => rm(folder, { recursive: true }));

/** Every page there is, from the first on. */
const pages = async (server: Stage, query: string, between: () => Promise<unknown> = async () => undefined): Promise<TaskPage[]> => {
  const found: TaskPage[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await server.ask(`GET /api/tasks?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    found.push(body);
    cursor = body.next_cursor;
    await between();
  }
  return found;
};
const ids = (found: readonly TaskPage[]): string[] => found.flatMap(({ tasks }) => tasks.map(({ task_id: id }) => id));

describe('ten thousand tasks', () => {
  it('are made, listed in pages, found and restored quickly', async () => {
    const path = join(folder, 'many', 'tasks.json');
    let store = await FileTaskStore.open(path);
    let server = await stage({ store });
    const tasks = Array.from({ length: 10_000 }, (_, at) => ({
      url: `https://host-${at % 100}.invalid/film-${at}.mkv`,
      name: `Film ${at}`,
    }));
    const imported = await server.request('POST /api/tasks/import', { body: JSON.stringify(tasks) });
    expect(((await imported.json()) as { created: unknown[] }).created).toHaveLength(10_000);
    await server.control.close();
    await store.close();
    const begun = performance.now();
    store = await FileTaskStore.open(path);
    server = await stage({ store });
    expect(server.notes).toEqual([]);
    const opened = performance.now() - begun;
    const [pageTimes, editTimes]: [number[], number[]] = [[], []];
    const timed = async (times: number[], what: string, body?: object): Promise<void> => {
      // Time on the processor: the machine may have more to do than this.
      const before = process.cpuUsage();
      const { status } = await server.ask(what, body);
      const { user, system } = process.cpuUsage(before);
      expect(status).toBe(200);
      times.push((user + system) / 1000);
    };
    for (const query of ['limit=100', 'limit=100&q=film%209', 'limit=100&q=host-42', 'limit=100&state=paused', 'limit=100&q=nothing']) {
      for (let round = 0; round < 3; round++) await timed(pageTimes, `GET /api/tasks?${query}`);
    }
    for (let round = 0; round < 10; round++) {
      await timed(editTimes, `PATCH /api/tasks/${[...store.kept('task').keys()][round]}`, { name: `new ${round}` });
      await timed(pageTimes, 'GET /api/tasks?limit=100');
    }
    const told = (of: readonly number[]): string => of.map((time) => time.toFixed()).join(' ');
    console.log(`10,000 tasks: opened in ${opened.toFixed()} ms; pages in ${told(pageTimes)} ms; edits in ${told(editTimes)} ms of CPU`);
    expect(pageTimes.sort((a, b) => a - b)[Math.floor(pageTimes.length / 2)]).toBeLessThan(100);
    expect((await server.ask('GET /api/tasks?limit=1&q=host-42')).body.matched).toBe(100);
    const all = ids(await pages(server, 'limit=1000'));
    expect(new Set(all).size).toBe(10_000);
    await server.control.close();
    await store.close();
  });
});

describe('pages', () => {
  const staged = async (count: number): Promise<Stage> => {
    let now = 0;
    const server = await stage({ clock: { now: () => now, wall: () => (now += 400), after: () => () => undefined } });
    for (let at = 0; at < count; at++) await server.ask('POST /api/tasks', { url: `http://host.invalid/${at}`, name: `Task ${at}` });
    return server;
  };

  it('have every task once, in the order of the list', async () => {
    const server = await staged(25);
    const list = (await server.ask('GET /api/tasks')).body.map((task: { task_id: string }) => task.task_id);
    for (const limit of [1, 7, 24, 25, 26]) expect(ids(await pages(server, `limit=${limit}`))).toEqual(list);
  });

  it('have those that nobody touched once each, whatever happens between', async () => {
    const server = await staged(40);
    const before: string[] = (await server.ask('GET /api/tasks')).body.map((task: { task_id: string }) => task.task_id);
    const touched = new Set<string>();
    let round = 0;
    const found = ids(
      await pages(server, 'limit=7', async () => {
        const [edited = '', removed = ''] = [before[(round * 11 + 3) % 40], before[(round * 13 + 5) % 40]];
        round++;
        await server.ask(`PATCH /api/tasks/${edited}`, { cache: true });
        await server.ask(`DELETE /api/tasks/${removed}`);
        await server.ask('POST /api/tasks', { url: 'http://host.invalid/new' });
        touched.add(edited).add(removed);
      }),
    );
    const untouched = before.filter((id) => !touched.has(id));
    expect(found.filter((id) => untouched.includes(id))).toEqual(untouched);
  });

  it('are of what is asked for, by name, id or URL and by state, and count the rest', async () => {
    const server = await staged(12);
    const [first = '', second = ''] = (await server.ask('GET /api/tasks')).body.map((task: { task_id: string }) => task.task_id);
    await server.ask(`POST /api/tasks/${first}/pause`);
    const running = server.live.tasks.get(second);
    if (running !== undefined) running.activeConnections = 2;
    const page = async (query: string): Promise<TaskPage> => (await server.ask(`GET /api/tasks?${query}`)).body;
    expect((await page('q=tASK%201')).matched).toBe(3);
    expect((await page('q=.invalid/7')).tasks[0]?.config.name).toBe('Task 7');
    expect(ids([await page(`q=${first}`)])).toEqual([first]);
    expect(ids([await page('state=paused')])).toEqual([first]);
    expect(ids([await page('state=active')])).toEqual([second]);
    expect((await page('state=trouble')).counts).toEqual({ all: 12, active: 1, filling: 0, paused: 1, trouble: 0 });
  });
});

describe('what is kept', () => {
  it('of the ancestor is taken as it meant it', async () => {
    const path = join(folder, 'theirs.json');
    const task = (id: string, config: object, more: object = {}) => ({ id, config, created_at: 0, updated_at: 0, paused: false, ...more });
    const config = { volumes: [['https://a.invalid/f']], max_per_volume: 4, persist: true };
    const theirs = {
      settings: {
        global_rate_limit_bps: 1000,
        global_rate_limit_algorithm: 'sliding_window',
        dns: 'tls://1.1.1.1',
        host_mappings: [],
        odd: 1,
      },
      tasks: [
        task('derive', { ...config, max_threads: 4 }, { paused: true, created_at: 5 }),
        task('capped', { ...config, max_threads: 2, later: 'x' }, { updated_at: 9 }),
        task('oldone', { urls: ['https://a.invalid/f', 'https://b.invalid/f'], max_split: 1000, headers: { Range: 'bytes=0-1', A: 'b' } }),
        task('broken', { volumes: [] }),
      ],
      downloads: [{ task_id: 'derive', out_dir: '', filename: '', threads: 4, was_running: false }],
    };
    await writeFile(path, JSON.stringify(theirs));
    const store = await FileTaskStore.open(path);
    const server = await stage({ store });
    expect(server.control.tasks.list().map(({ id }) => id)).toEqual(['capped', 'derive', 'oldone']);
    expect(server.control.tasks.get('derive')).toMatchObject({ paused: true, createdAt: 5, updatedAt: 5, config: { max_threads: null } });
    expect(server.control.tasks.get('capped')).toMatchObject({ createdAt: 1, updatedAt: 9, config: { max_threads: 2 } });
    expect(server.control.tasks.get('oldone').config).toMatchObject({
      volumes: [['https://a.invalid/f', 'https://b.invalid/f']],
      max_split: 65_536,
      headers: { A: 'b' },
    });
    expect(server.notes).toEqual([expect.stringContaining('broken')]);
    expect((await server.ask('GET /api/settings')).body).toMatchObject({ global_rate_limit_bps: 1000, dns: 'tls://1.1.1.1' });
    await server.ask('PATCH /api/tasks/capped', { name: 'x' });
    await server.ask('PUT /api/settings', { dns: null });
    expect(store.kept('task').get('capped')).toMatchObject({ config: { later: 'x', name: 'x', max_threads: 2 } });
    expect(store.kept('task').get('broken')).toEqual(theirs.tasks[3]);
    expect(store.kept('settings').get('')).toMatchObject({ odd: 1, dns: null });
    await server.control.close();
    await store.close();
  });

  it('does not hold tasks that nobody wants kept, and their ids are free again', async () => {
    const store = new MemoryTaskStore();
    const server = await stage({ store });
    const { task_id: id } = (await server.ask('POST /api/tasks', { url: 'http://127.0.0.1/f', persist: false })).body;
    await server.ask(`POST /api/tasks/${id}/cache`);
    expect([store.kept('task').size, store.kept('fill').size]).toEqual([0, 0]);
    await server.ask(`PATCH /api/tasks/${id}`, { persist: true });
    expect([...store.kept('task').keys()]).toEqual([id]);
    await server.ask(`PATCH /api/tasks/${id}`, { persist: false });
    expect(store.kept('task').size).toBe(0);
  });
});

describe('imports', () => {
  const imported = async (server: Stage, body: string, query = '') =>
    (await server.request(`POST /api/tasks/import${query}`, { body })).json() as Promise<{
      created: { task_id: string }[];
      refused: { index: number; error: string }[];
      notes: string[];
    }>;

  it('what was exported is what it was, ids and all', async () => {
    const server = await stage();
    await server.ask('POST /api/tasks', { volumes: [['https://a.invalid/1'], ['https://a.invalid/2']], name: 'two', max_threads: 3 });
    const { task_id: id } = (await server.ask('POST /api/tasks', { url: 'https://a.invalid/f' })).body;
    await server.ask(`POST /api/tasks/${id}/pause`);
    await server.ask('PUT /api/settings', { global_rate_limit_bps: 7 });
    const exported = await server.ask('GET /api/tasks/export');
    const other = await stage();
    expect((await imported(other, JSON.stringify(exported.body))).created).toHaveLength(2);
    expect((await other.ask('GET /api/settings')).body.global_rate_limit_bps).toBe(0);
    const facts = ({ task_id, config, paused }: Record<string, unknown>) => ({ task_id, config, paused });
    const sorted = async (from: Stage) =>
      (await from.ask('GET /api/tasks')).body
        .map(facts)
        .sort((a: { task_id: string }, b: { task_id: string }) => a.task_id.localeCompare(b.task_id));
    expect(await sorted(other)).toEqual(await sorted(server));
    const again = await imported(other, JSON.stringify(exported.body), '?settings=true');
    expect(again.created.map(({ task_id }) => task_id)).not.toContain(id);
    expect((await other.ask('GET /api/settings')).body.global_rate_limit_bps).toBe(7);
  });

  it('what cannot be a task is told by its place, and the others are made', async () => {
    const server = await stage();
    const { created, refused } = await imported(
      server,
      JSON.stringify([{ url: 'https://a.invalid/1' }, { url: 'ftp://x' }, { url: 'https://a.invalid/2' }]),
    );
    expect(created).toHaveLength(2);
    expect(refused).toEqual([{ index: 1, error: expect.stringContaining('http or https') }]);
  });

  it('a check says what an import would make and what it would refuse, and makes nothing', async () => {
    const server = await stage();
    const check = async (body: string) => (await server.request('POST /api/tasks/import/check', { body })).json();
    expect(await check("curl -H 'Referer: https://b.invalid/' https://a.invalid/1")).toMatchObject({
      kind: 'curl',
      tasks: [{ volumes: [['https://a.invalid/1']], headers: { Referer: 'https://b.invalid/' } }],
      refused: [],
    });
    expect(await check('[{"url":"https://a.invalid/1"},{"url":"https://a.invalid/2","max_split":1}]')).toEqual({
      kind: 'json',
      tasks: [{ volumes: [['https://a.invalid/1']] }],
      refused: [{ index: 1, error: expect.stringMatching(/^max_split: .*65536/) }],
      skipped: 0,
      notes: [],
    });
    expect(await check('{"url":')).toMatchObject({ kind: null, tasks: [], refused: [{ index: 0 }] });
    expect(await (await server.request('GET /api/tasks')).json()).toEqual([]);
  });

  it('text that holds nothing of use is refused', async () => {
    const server = await stage();
    for (const body of ['', '[]', '[{"name":"x"}]', 'no URL at all', '<metalink/>']) {
      expect((await server.request('POST /api/tasks/import', { body })).status, body).toBe(400);
    }
  });

  it('a list of URLs and a curl command line make tasks', async () => {
    const server = await stage();
    expect((await imported(server, 'https://a.invalid/1\n\nhttps://a.invalid/2\n')).created.length).toBeGreaterThan(0);
    const { created } = await imported(server, "curl 'https://a.invalid/3' -H 'Referer: https://a.invalid/'");
    const { config } = (await server.ask(`GET /api/tasks/${created[0]?.task_id}`)).body;
    expect(config).toMatchObject({ volumes: [['https://a.invalid/3']], headers: { Referer: 'https://a.invalid/' } });
  });
});
