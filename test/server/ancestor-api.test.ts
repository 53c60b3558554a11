/* What the ancestor's own tests ask of its API, with the statuses that are ours. */
import { beforeEach, describe, expect, it } from 'vitest';

import { Origin } from '../../src/testing/origin.ts';
import { composed } from './composed.ts';
import { stage } from './stage.ts';

/** A server of the ancestor's interface, and where its links begin. */
interface Asked {
  readonly base: string;
  ask(
    what: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: ReturnType<typeof JSON.parse>; header(name: string): unknown }>;
}

const servers: readonly (readonly [string, () => Promise<Asked>])[] = [
  [
    'over a running side that runs nothing',
    async () => {
      const { ask } = await stage();
      return {
        base: 'http://127.0.0.1:9527',
        ask: async (what, body) => {
          const { status, headers, body: told } = await ask(what, body);
          return { status, body: told, header: (name) => headers.get(name) };
        },
      };
    },
  ],
  [
    'put together whole',
    async () => {
      const { port, ask } = await composed();
      return {
        base: `http://127.0.0.1:${port}`,
        ask: async (what, body) => {
          const { status, headers, body: told } = await ask(what, body);
          return { status, body: told, header: (name) => headers[name] };
        },
      };
    },
  ],
];

const [a, b] = ['https://a.invalid/f.bin', 'https://b.invalid/f.bin'];
const [p1, p2, p3, p4] = ['https://a.invalid/p1', 'https://a.invalid/p2', 'https://b.invalid/p1', 'https://b.invalid/p2'];
const secret = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff000102030405060708090a0b';

let server: Asked;
const ask: Asked['ask'] = (...asked) => server.ask(...asked);
const made = async (body: unknown): Promise<string> => {
  const { status, body: answer } = await ask('POST /api/tasks', body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return answer.task_id;
};
const refused = async (what: string, body: unknown, ...words: string[]): Promise<void> => {
  const { status, body: answer, header } = await ask(what, body);
  expect(status).toBe(400);
  expect(header('content-type')).toBe('application/problem+json');
  for (const word of words) expect(answer.error).toContain(word);
};

describe.each(servers)('tasks of a server %s', (_, open) => {
  beforeEach(async () => {
    server = await open();
  });

  it('1: a URL and a name make a task', async () => {
    const { status, body } = await ask('POST /api/tasks', { url: a, name: 'film' });
    expect(status).toBe(200);
    expect(body.proxy_url).toBe(`${server.base}/stream/${body.task_id}`);
    expect(Object.keys(body).sort()).toEqual(['proxy_url', 'task_id']);
    expect(body.task_id).toMatch(/^[a-z0-9]{6}$/);
    const list = (await ask('GET /api/tasks')).body;
    expect(list).toHaveLength(1);
    expect(list[0].config).toMatchObject({ volumes: [[a]], name: 'film', persist: true, max_per_volume: 4, max_threads: 4, max_split: 0 });
    expect(list[0]).toMatchObject({ bytes_served: 0, active_connections: 0, paused: false, cache: null, cache_job: null });
    expect(list[0].created_at).toBe(list[0].updated_at);
  });

  it('2: mirrors and volumes are kept apart', async () => {
    const mirrors = await made({ urls: [a, b] });
    const volumes = await made({ volumes: [[p1], [p2]] });
    expect((await ask(`GET /api/tasks/${mirrors}`)).body.config.volumes).toEqual([[a, b]]);
    expect((await ask(`GET /api/tasks/${volumes}`)).body.config).toMatchObject({ volumes: [[p1], [p2]], max_threads: 8 });
  });

  it('3: a patch changes what it names', async () => {
    const id = await made({ url: a });
    expect((await ask(`PATCH /api/tasks/${id}`, { url: b })).body.config.volumes).toEqual([[b]]);
    const { config } = (await ask(`PATCH /api/tasks/${id}`, { name: 'x', cache: true })).body;
    expect(config).toMatchObject({ volumes: [[b]], name: 'x', cache: true });
  });

  it('4: rules that somebody is typing are tried', async () => {
    const asked = (to: string) => ({ host: 'cdn.invalid', scope: 'global', mappings: [{ from: 'cdn.invalid', to }] });
    expect((await ask('POST /api/hostmap/resolve', asked('10.0.0.1'))).body.mapped_to).toBe('10.0.0.1');
    expect((await ask('POST /api/hostmap/resolve', asked('10.0.0.2:8443'))).body.mapped_to).toBe('10.0.0.2:8443');
    expect((await ask('POST /api/hostmap/resolve', { ...asked(''), mappings: [] })).body.mapped_to).toBeNull();
    await refused('POST /api/hostmap/resolve', asked('https://x.invalid/y'), 'bare host');
  });

  it('5: what can be no task leaves none behind', async () => {
    await refused('POST /api/tasks', { name: 'x' }, 'url');
    await refused('POST /api/tasks', { volumes: [a, [b]] }, 'mirrors');
    await refused('POST /api/tasks', { url: a, host_mappings: [{ from: 'a.invalid', to: 'https://b/c' }] }, 'host mapping');
    expect((await ask('GET /api/tasks')).body).toEqual([]);
  });

  const full = {
    volumes: [[p1, p3], [p2]],
    max_per_volume: 6,
    max_split: '8M',
    cache: true,
    headers: { Referer: 'https://a.invalid/', Cookie: 'a=b' },
    name: 'All',
    output_filename: 'all.mkv',
    auto_filename: false,
    rate_limit_bps: '2M',
    rate_limit_algorithm: 'sliding_window',
    persist: true,
    plugins: [{ id: 'chacha20', enabled: true, config: { secret } }],
    content_disposition: 'attachment',
    host_mappings: [
      { from: 'a.invalid', to: '10.0.0.1', enabled: true },
      { from: '*.b.invalid', to: '10.0.0.2:8443', enabled: false },
    ],
  };

  it('6: every field comes back as it was given', async () => {
    const id = await made(full);
    const { config } = (await ask(`GET /api/tasks/${id}`)).body;
    expect(config).toEqual({ ...full, max_split: 8_388_608, rate_limit_bps: 2_097_152, max_threads: 12 });
    const exported = await ask(`GET /api/tasks/${id}/export`);
    expect(exported.body).toEqual(config);
    expect(exported.header('content-disposition')).toBe(`attachment; filename="hydraria-task-${id}.json"`);
    await made(exported.body);
  });

  it('7: every field can be cleared', async () => {
    const id = await made(full);
    const cleared = {
      url: a,
      headers: {},
      name: null,
      output_filename: null,
      host_mappings: [],
      plugins: [],
      rate_limit_bps: 0,
      max_split: 0,
      cache: false,
      auto_filename: true,
      max_per_volume: 2,
      content_disposition: 'auto',
      rate_limit_algorithm: 'token_bucket',
      persist: false,
    };
    const { url, ...rest } = cleared;
    expect((await ask(`PATCH /api/tasks/${id}`, cleared)).body.config).toEqual({ ...rest, volumes: [[url]], max_threads: 2 });
  });

  it('8: unknown fields are named, with what there is', async () => {
    await refused('POST /api/tasks', { url: a, max_treads: 32 }, 'max_treads', 'max_per_volume', 'max_threads');
    expect((await ask('GET /api/tasks')).body).toEqual([]);
    const id = await made({ url: a });
    await refused(`PATCH /api/tasks/${id}`, { start_cache: true }, 'start_cache');
  });

  it('9: enabled plugins have to be right', async () => {
    const plugin = (id: string, enabled: boolean, config: unknown) => ({ url: a, plugins: [{ id, enabled, config }] });
    await refused('POST /api/tasks', plugin('chacha20', true, { secret: 'not-hex' }), 'chacha20');
    await refused('POST /api/tasks', plugin('nope', true, null), 'unknown plugin');
    await made(plugin('chacha20', false, { secret: 'not-hex' }));
    await made(plugin('nope', false, null));
    const bare = await made({ url: a, plugins: [{ id: 'chacha20' }] });
    expect((await ask(`GET /api/tasks/${bare}`)).body.config.plugins).toEqual([{ id: 'chacha20', enabled: false, config: null }]);
  });

  it('10: what a new task may not have, an old one may not get, and nothing of the patch stays', async () => {
    const id = await made({ url: a });
    const before = (await ask(`GET /api/tasks/${id}`)).body;
    for (const bad of [{ max_split: 1000 }, { max_per_volume: 0 }, { host_mappings: [{ from: 'a', to: 'https://b/c' }] }]) {
      await refused('POST /api/tasks', { url: a, ...bad });
      await refused(`PATCH /api/tasks/${id}`, { name: 'changed', url: b, ...bad });
    }
    for (const bad of [{ volumes: [] }, { volumes: null }, { url: '' }, { plugins: [{ id: 'nope', enabled: true }] }]) {
      await refused(`PATCH /api/tasks/${id}`, { name: 'changed', ...bad });
    }
    expect((await ask('GET /api/tasks')).body).toEqual([before]);
  });

  it('11: start_cache is on unless it says off, and a task is made even where the fill cannot begin', async () => {
    for (const query of ['?start_cache=1', '?start_cache=true', '?start_cache=yes', '?start_cache']) {
      const { status, body } = await ask(`POST /api/tasks${query}`, { url: a });
      expect(status).toBe(200);
      expect(body).toMatchObject({ cache_started: false, cache_error: expect.any(String) });
    }
    expect((await ask('POST /api/tasks', { url: a, start_cache: true })).body.cache_started).toBe(false);
    for (const query of ['', '?start_cache=0', '?start_cache=false', '?start_cache=OFF', '?start_cache=no']) {
      const { body } = await ask(`POST /api/tasks${query}`, { url: a });
      expect(Object.keys(body).sort()).toEqual(['proxy_url', 'task_id']);
    }
    await using origin = await Origin.start({ files: { '/x': { size: 1000, seed: 1 } } });
    expect((await ask('POST /api/tasks?start_cache', { url: origin.url('/x') })).body.cache_started).toBe(true);
  });

  it('12: volumes and mirrors keep their order, with a row of health each', async () => {
    const volumes = [
      [p1, p3],
      [p2, p4],
    ];
    const id = await made({ volumes, max_per_volume: 4 });
    const { config, url_health: health } = (await ask(`GET /api/tasks/${id}`)).body;
    expect(config).toMatchObject({ volumes, max_threads: 8 });
    expect(health.map((row: { url: string }) => row.url)).toEqual([p1, p3, p2, p4]);
  });
});
