import { beforeEach, describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { globalSchema, hostFactsSchema, probeSchema, taskInfoSchema, taskPageSchema } from '../../src/server/api-types.ts';
import { MemoryTaskStore } from '../../src/server/memory-task-store.ts';
import { type Stage, stage } from './stage.ts';

const a = 'https://a.invalid/f.bin';
const here = 'http://127.0.0.1:1/f.bin';

let server: Stage;
beforeEach(async () => {
  server = await stage();
});
const made = async (body: object = { url: here }): Promise<string> => (await server.ask('POST /api/tasks', body)).body.task_id;

describe('failures', () => {
  it.each<[string, unknown, string]>([
    ['POST /api/tasks', { url: here, max_threads: '8' }, 'max_threads: is a number'],
    ['POST /api/tasks', { url: here, max_threads: 1.5 }, 'max_threads: is a whole number'],
    ['POST /api/tasks', { url: here, max_threads: 0 }, 'max_threads: is at least 1'],
    ['POST /api/tasks', { url: here, max_threads: 200 }, 'max_threads: is at most 128'],
    ['POST /api/tasks', { url: here, cache: 'yes' }, 'cache: is true or false'],
    ['POST /api/tasks', { url: here, headers: [] }, 'headers: is a JSON object'],
    ['POST /api/tasks', { url: here, content_disposition: 'x' }, 'content_disposition: is auto or inline or attachment'],
    ['POST /api/tasks', { url: here, name: 'x'.repeat(2000) }, 'name: is at most 1024 characters long'],
    ['POST /api/tasks', { url: here, plugins: [{}] }, 'plugins[0].id: is missing'],
    ['GET /api/tasks?limit=x', undefined, 'limit: is a number'],
    ['GET /api/tasks?limit=0', undefined, 'limit: is at least 1'],
    ['GET /api/hostmap/resolve', undefined, 'host: is missing'],
  ])('%s %j is told in plain words', async (what, body, error) => {
    expect((await server.ask(what, body)).body).toMatchObject({ error, status: 400 });
  });

  const cases: readonly (readonly [string, RequestInit, number])[] = [
    ['POST /api/tasks', { body: '{"url":"https://a"}' }, 415],
    ['POST /api/tasks', { body: '{}', headers: { 'Content-Type': 'text/plain' } }, 415],
    ['POST /api/tasks', { body: 'url=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415],
    ['POST /api/tasks', { body: '{"url":', headers: { 'Content-Type': 'application/json' } }, 400],
    ['POST /api/tasks', { body: '', headers: { 'Content-Type': 'application/json' } }, 400],
    ['POST /api/tasks', { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'Content-Type': 'application/json' } }, 400],
    ['POST /api/tasks', { body: '[]', headers: { 'Content-Type': 'application/json' } }, 400],
    ['POST /api/tasks', { body: ' '.repeat(2 * 1_048_576 + 1), headers: { 'Content-Type': 'application/json' } }, 413],
    ['GET /api/nothing', {}, 404],
    ['GET /', {}, 404],
    ['GET /api/tasks/nobody', {}, 404],
    ['DELETE /api/tasks/nobody', {}, 404],
    ['POST /api/tasks/nobody/pause', {}, 404],
    ['POST /api/tasks/nobody/cache', {}, 404],
    ['GET /api/tasks/nobody/log', {}, 404],
    ['POST /api/tasks/nobody/links', {}, 404],
    ['GET /api/tasks?limit=0', {}, 400],
    ['GET /api/tasks?limit=x', {}, 400],
    ['GET /api/tasks?cursor=!!', {}, 400],
    ['GET /api/tasks?state=odd', {}, 400],
    ['GET /api/plugins/nope/global', {}, 404],
    ['GET /api/hostmap/resolve?host=', {}, 400],
    ['GET /api/hostmap/resolve', {}, 400],
    ['GET /api/hostmap/resolve?host=a&task_id=nobody', {}, 404],
    ['POST /api/fs/pick', { body: '{"kind":"open_file"}', headers: { 'Content-Type': 'application/json' } }, 403],
    ['GET /api/downloads', {}, 403],
    ['POST /api/plugins/chacha20/forward', { body: '{}', headers: { 'Content-Type': 'application/json' } }, 403],
  ];
  for (const [what, init, status] of cases) {
    const body = String(init.body ?? '').slice(0, 30);
    it(`${what} ${body} is answered ${status}, as a problem that ancestors' clients can read`, async () => {
      const response = await server.request(what, init);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      const problem = (await response.json()) as { detail: string };
      expect(problem).toEqual({
        error: problem.detail,
        title: expect.any(String),
        detail: expect.any(String),
        code: expect.stringMatching(/^[A-Z_]+$/),
        status,
      });
    });
  }

  it('a body of unknown length is refused as soon as it is too long', async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const init = { body, duplex: 'half', headers: { 'Content-Type': 'application/json' } } as RequestInit;
    expect((await server.request('POST /api/tasks', init)).status).toBe(413);
    expect(sent).toBeLessThan(3 * 1_048_576);
  });

  const methods: readonly (readonly [string, string])[] = [
    ['PUT /api/tasks', 'GET, HEAD, POST'],
    ['POST /api/tasks/abcdef', 'GET, HEAD, PATCH, DELETE'],
    ['GET /api/cache', 'DELETE'],
    ['DELETE /api/settings', 'GET, HEAD, PUT'],
    ['POST /healthz', 'GET, HEAD'],
  ];
  for (const [what, allow] of methods) {
    it(`${what} is answered 405, with what may be done there`, async () => {
      const { status, headers } = await server.ask(what);
      expect(status).toBe(405);
      expect(headers.get('allow')?.split(', ').sort()).toEqual(allow.split(', ').sort());
    });
  }

  it('a change that cannot be kept is answered, and has not happened', async () => {
    class FullStore extends MemoryTaskStore {
      full = false;
      override async commit(...changes: Parameters<MemoryTaskStore['commit']>): Promise<void> {
        if (this.full) throw new HydrantError('DISK_FULL');
        await super.commit(...changes);
      }
    }
    const store = new FullStore();
    server = await stage({ store });
    const id = await made();
    const before = (await server.ask('GET /api/tasks')).body;
    const settings = (await server.ask('GET /api/settings')).body;
    store.full = true;
    const asked = [
      server.ask('POST /api/tasks', { url: a }),
      server.ask(`PATCH /api/tasks/${id}`, { name: 'x' }),
      server.ask(`POST /api/tasks/${id}/pause`),
      server.ask(`DELETE /api/tasks/${id}`),
      server.ask('PUT /api/settings', { global_rate_limit_bps: 5 }),
    ];
    for (const { status, body } of await Promise.all(asked)) {
      expect(status).toBe(507);
      expect(body.code).toBe('DISK_FULL');
    }
    expect((await server.ask('GET /api/tasks')).body).toEqual(before);
    expect((await server.ask('GET /api/settings')).body).toEqual(settings);
    expect(server.live.applied).toEqual(settings);
    expect(server.live.tasks.get(id)?.updates).toBe(0);
  });
});

describe('tasks', () => {
  it('the last edited comes first; pausing is no edit', async () => {
    let now = 1_000_000;
    server = await stage({ clock: { now: () => now, wall: () => now, after: () => () => undefined } });
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      now += 1_000;
      ids.unshift(await made());
    }
    const listed = async () => (await server.ask('GET /api/tasks')).body.map((task: { task_id: string }) => task.task_id);
    expect(await listed()).toEqual(ids);
    now += 1_000;
    await server.ask(`POST /api/tasks/${ids[1]}/pause`);
    expect(await listed()).toEqual(ids);
    await server.ask(`PATCH /api/tasks/${ids[2]}`, { name: 'x' });
    expect(await listed()).toEqual([ids[2], ids[0], ids[1]]);
    const { created_at: created, updated_at: updated } = (await server.ask(`GET /api/tasks/${ids[2]}`)).body;
    expect([created, updated]).toEqual([1001, 1004]);
  });

  it('pausing and resuming say how it is then', async () => {
    const id = await made();
    expect((await server.ask(`POST /api/tasks/${id}/pause`)).body.paused).toBe(true);
    expect((await server.ask(`POST /api/tasks/${id}/resume`)).body.paused).toBe(false);
  });

  it('a task that is deleted stops its fill, and keeps its cache unless told otherwise', async () => {
    const [kept, cleared] = [await made(), await made()];
    expect((await server.ask(`DELETE /api/tasks/${kept}`)).status).toBe(204);
    expect((await server.ask(`DELETE /api/tasks/${cleared}?clear_cache`)).status).toBe(204);
    expect(server.live.tasks.get(kept)).toMatchObject({ closed: false, cleared: 0 });
    expect(server.live.tasks.get(cleared)).toMatchObject({ closed: false, cleared: 1 });
    expect((await server.ask(`GET /api/tasks/${kept}`)).status).toBe(404);
  });

  it('edits of one task at once are all made', async () => {
    const id = await made();
    await Promise.all([{ name: 'x' }, { cache: true }, { max_split: '1M' }].map((patch) => server.ask(`PATCH /api/tasks/${id}`, patch)));
    expect((await server.ask(`GET /api/tasks/${id}`)).body.config).toMatchObject({ name: 'x', cache: true, max_split: 1_048_576 });
  });

  it('answers are what their description says', async () => {
    const id = await made({ url: here, cache: true });
    await server.ask(`POST /api/tasks/${id}/cache`);
    expect(taskInfoSchema.parse((await server.ask(`GET /api/tasks/${id}`)).body).cache_job).toMatchObject({ state: 'running', threads: 4 });
    taskPageSchema.parse((await server.ask('GET /api/tasks?limit=5')).body);
    globalSchema.parse((await server.ask('GET /api/global')).body);
  });

  it('begin with the public URL where there is one', async () => {
    server = await stage({ publicUrl: 'https://media.example.org/h/' });
    expect((await server.ask('POST /api/tasks', { url: a })).body.proxy_url).toMatch(
      /^https:\/\/media\.example\.org\/h\/stream\/[a-z0-9]{6}$/,
    );
  });

  it('ids are unguessable where they have to be', async () => {
    server = await stage({ longIds: true });
    expect(await made()).toMatch(/^[a-z0-9]{16}$/);
  });
});

describe('fills', () => {
  it('run, pause, and are told', async () => {
    const id = await made();
    expect((await server.ask(`POST /api/tasks/${id}/cache`)).body).toMatchObject({ state: 'running', total_bytes: 100, done_bytes: 10 });
    expect((await server.ask(`POST /api/tasks/${id}/cache/pause`)).body).toMatchObject({ state: 'paused' });
    expect((await server.ask(`DELETE /api/tasks/${id}/cache`)).status).toBe(204);
    expect((await server.ask(`GET /api/tasks/${id}`)).body.cache_job).toBeNull();
  });

  it('that cannot begin say why; there is nothing to pause then', async () => {
    const id = await made({ url: a });
    const { status, body } = await server.ask(`POST /api/tasks/${id}/cache`);
    expect([status, body.code]).toEqual([502, 'SOURCE_UNREACHABLE']);
    expect((await server.ask(`POST /api/tasks/${id}/cache/pause`)).status).toBe(404);
  });

  it('that ran when the server ended go on, those that were paused or done do not', async () => {
    const ids = [await made(), await made(), await made()];
    for (const id of ids) await server.ask(`POST /api/tasks/${id}/cache`);
    await server.ask(`POST /api/tasks/${ids[1]}/cache/pause`);
    const done = server.live.tasks.get(ids[2] ?? '');
    if (done?.fill) done.fill = { ...done.fill, state: 'done' };
    server.live.tell({ kind: 'fill', task: ids[2] ?? '' });
    await server.ask(`PATCH /api/tasks/${ids[0]}`, { name: 'x' });
    const again = await stage({ store: server.store });
    expect(ids.map((id) => again.live.tasks.get(id)?.fill?.state)).toEqual(['running', undefined, undefined]);
  });
});

describe('settings', () => {
  it('are changed in part, applied and kept', async () => {
    const { body } = await server.ask('PUT /api/settings', { global_rate_limit_bps: '2M', dns: 'dot://1.1.1.1' });
    expect(body).toEqual({
      global_rate_limit_bps: 2_097_152,
      global_rate_limit_algorithm: 'token_bucket',
      plugin_globals: {},
      download_dir: null,
      host_mappings: [],
      dns: 'tls://1.1.1.1',
    });
    expect(server.live.applied).toEqual(body);
    const again = await stage({ store: server.store });
    expect((await again.ask('GET /api/settings')).body).toEqual(body);
    expect(again.live.applied).toEqual(body);
    expect((await server.ask('PUT /api/settings', { global_rate_limit_bps: null })).body.global_rate_limit_bps).toBe(0);
  });

  for (const bad of [{ dns: 'x' }, { plugin_globals: { nope: {} } }, { plugin_globals: { chacha20: { buffer_size: 1 } } }, { odd: 1 }]) {
    it(`${JSON.stringify(bad)} is refused, and nothing beside it is changed`, async () => {
      const { status } = await server.ask('PUT /api/settings', { global_rate_limit_bps: 5, ...bad });
      expect(status).toBe(400);
      expect((await server.ask('GET /api/settings')).body.global_rate_limit_bps).toBe(0);
      expect(server.live.applied?.global_rate_limit_bps).toBe(0);
    });
  }

  it('the whole at a glance has them too', async () => {
    await made();
    expect((await server.ask('GET /api/global')).body).toMatchObject({
      task_count: 1,
      fetch_speed_bps: 0,
      cache_total_bytes: 4096,
      cache_limit_bytes: 8192,
      cache_hits: 3,
      cache_misses: 1,
      bytes_served_total: 0,
    });
    expect((await server.ask('DELETE /api/cache')).body).toEqual({ bytes_freed: 4096 });
  });
});

describe('asking before there is a task', () => {
  it('a probe says what sources say, and why not', async () => {
    expect(probeSchema.parse((await server.ask('POST /api/probe', { url: here })).body)).toMatchObject({
      total_size: 100,
      accepts_ranges: true,
    });
    const { status, body } = await server.ask('POST /api/probe', { volumes: [[a]] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_size: null, accepts_ranges: false, detected_filename: null, error: expect.any(String) });
    expect((await server.ask('POST /api/probe', { headers: {} })).status).toBe(400);
  });

  it('a host is looked up under the rules of all, of a task, and of a draft', async () => {
    const rule = (to: string) => ({ host_mappings: [{ from: 'cdn.invalid', to }] });
    await server.ask('PUT /api/settings', rule('10.0.0.1'));
    const id = await made({ url: here, ...rule('10.0.0.2') });
    const mapped = async (query: string) => (await server.ask(`GET /api/hostmap/resolve?${query}`)).body.mapped_to;
    expect(await mapped('host=cdn.invalid')).toBe('10.0.0.1');
    expect(await mapped('host=CDN.invalid.')).toBe('10.0.0.1');
    expect(await mapped(`host=${encodeURIComponent('https://cdn.invalid:8443/x')}`)).toBe('10.0.0.1');
    expect(await mapped(`host=cdn.invalid&task_id=${id}`)).toBe('10.0.0.2');
    expect(await mapped('host=other.invalid')).toBeNull();
    const draft = {
      host: 'x.invalid',
      mappings: [
        { from: 'x.invalid', to: '10.0.0.3' },
        { from: 'half', to: '' },
      ],
    };
    expect((await server.ask('POST /api/hostmap/resolve', draft)).body.mapped_to).toBe('10.0.0.3');
    expect((await server.ask('POST /api/hostmap/resolve', { ...draft, host: 'cdn.invalid' })).body.mapped_to).toBe('10.0.0.1');
    const global = { ...draft, host: 'cdn.invalid', scope: 'global' };
    hostFactsSchema.parse((await server.ask('POST /api/hostmap/resolve', global)).body);
    expect((await server.ask('POST /api/hostmap/resolve', global)).body.mapped_to).toBeNull();
  });

  it('a proxy in the environment is told by its variable', async () => {
    server = await stage({ env: { https_proxy: 'http://p' } });
    expect((await server.ask('GET /api/hostmap/resolve?host=a')).body.proxy_env).toBe('https_proxy');
    server = await stage({ env: { https_proxy: 'http://p', no_proxy: '*' } });
    expect((await server.ask('GET /api/hostmap/resolve?host=a')).body.proxy_env).toBeNull();
  });
});

describe('plugins', () => {
  it('are listed with their forms', async () => {
    const [plugin] = (await server.ask('GET /api/plugins')).body;
    expect(plugin).toMatchObject({
      id: 'chacha20',
      has_forward: true,
      default_global: { buffer_size: '64K' },
      default_task: { secret: '' },
    });
  });

  it('have what holds for all their uses', async () => {
    expect((await server.ask('GET /api/plugins/chacha20/global')).body).toEqual({});
    const put = await server.ask('PUT /api/plugins/chacha20/global', { buffer_size: '128K' });
    expect(put.body).toEqual({ buffer_size: '128K' });
    expect((await server.ask('GET /api/plugins/chacha20/global')).body).toEqual({ buffer_size: '128K' });
    expect((await server.ask('PUT /api/plugins/chacha20/global', { buffer_size: '1' })).status).toBe(400);
    expect((await server.ask('PUT /api/plugins/nope/global', {})).status).toBe(404);
  });

  it('there is no dialog on the server', async () => {
    expect((await server.ask('GET /api/fs/info')).body).toMatchObject({ picker_supported: false, platform: expect.any(String) });
  });
});

describe('what describes the API', () => {
  it('names every endpoint that is served, in a valid form, without a reference into nothing', async () => {
    const { body } = await server.ask('GET /api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const told = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.sort()).toEqual([...server.control.endpoints].sort());
    expect(told.length).toBeGreaterThan(40);
    const text = JSON.stringify(body);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(body.components.schemas).toHaveProperty(name ?? '');
    for (const [path, item] of Object.entries(
      body.paths as Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>,
    )) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(item)) {
        expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(names);
      }
    }
    const create = body.paths['/api/tasks'].post.requestBody.content['application/json'].schema;
    expect(Object.keys(create.properties)).toEqual(expect.arrayContaining(['url', 'volumes', 'max_split', 'start_cache', 'host_mappings']));
    expect(create.additionalProperties).toBe(false);
  });

  it('every endpoint is served', async () => {
    for (const endpoint of server.control.endpoints.filter((name) => !name.endsWith('/api/events'))) {
      const { status, body } = await server.ask(endpoint.replace(/\{\w+\}/g, 'abcdef'), endpoint.startsWith('GET') ? undefined : {});
      expect(`${endpoint} ${status} ${status === 404 ? body.error : ''}`).not.toMatch(/ (404 there is nothing|405|5\d\d)/);
    }
  });

  it('health and metrics are text', async () => {
    await made();
    expect((await server.ask('GET /healthz')).body).toBe('ok');
    expect((await server.ask('GET /readyz')).body).toBe('ready');
    const { body, headers } = await server.ask('GET /metrics');
    expect(headers.get('content-type')).toContain('version=0.0.4');
    expect(body).toContain('\nhydrant_tasks 1\n');
    for (const line of body.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[\d.e+-]+)$/);
  });
});
