import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { Client } from '../../src/client/client.ts';
import type { DownloadInfo } from '../../src/server/api-types.ts';
import { downloadSchema } from '../../src/server/api-types.ts';
import type { ControlOptions } from '../../src/server/control.ts';
import { contentOf, digestOf } from '../../src/testing/content.ts';
import { folder, listing, origin } from '../client/stage.ts';
import { type Stage, stage } from './stage.ts';

const size = 1_048_576;
const seed = 5;
const file = { seed, size };
const checksum = `sha256:${await digestOf(file, 'sha256')}`;

const staged = async (root: string, options: Partial<ControlOptions> = {}, jobs = 2): Promise<Stage> => {
  const files = { folder: root, jobs, client: (observe: (event: never) => void) => new Client({ observe: observe as never }) };
  const server = await stage({ files, ...options });
  onTestFinished(() => server.control.close());
  return server;
};

const post = async (server: Stage, body: object): Promise<DownloadInfo> => {
  const { status, body: made } = await server.ask('POST /api/downloads', body);
  expect(status, JSON.stringify(made)).toBe(200);
  return downloadSchema.parse(made);
};

const until = async (server: Stage, id: string, wanted: (info: DownloadInfo) => boolean): Promise<DownloadInfo> => {
  for (;;) {
    const { body } = await server.ask(`GET /api/downloads/${id}`);
    if (wanted(body)) return body;
    if (body.state === 'failed') throw new Error(body.error);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const inState = (state: string) => (info: DownloadInfo) => info.state === state;

describe('a download to the server’s disk', () => {
  it('is the file of the source, below the folder, verified', async () => {
    const [root, source] = [await folder(), await origin({ files: { '/a.bin': file } })];
    const server = await staged(root);
    const { id } = await post(server, { urls: [source.url('/a.bin')], filename: 'films/one.bin', checksum });
    expect(await until(server, id, inState('done'))).toMatchObject({
      path: join('films', 'one.bin'),
      done_bytes: size,
      total_bytes: size,
      verified: 'digest',
    });
    expect((await readFile(join(root, 'films/one.bin'))).equals(Buffer.from(contentOf(seed, 0, size)))).toBe(true);
    expect((await server.ask('GET /api/downloads')).body).toHaveLength(1);
  });

  it('that cannot be had says why, and may be tried again', async () => {
    const [root, source] = [await folder(), await origin({ files: {} })];
    const server = await staged(root);
    const { id } = await post(server, { url: source.url('/none') });
    await expect(until(server, id, inState('done'))).rejects.toThrow('404');
    expect((await server.ask(`POST /api/downloads/${id}/resume`)).body.state).toMatch(/queued|running/);
  });

  it('goes on after a pause, and after a restart, where it was', async () => {
    const [root, source] = [await folder(), await origin({ files: { '/a.bin': file }, rate: { total: size } })];
    const server = await staged(root);
    const { id } = await post(server, { url: source.url('/a.bin') });
    await until(server, id, ({ done_bytes: done }) => done > 0);
    expect((await server.ask(`POST /api/downloads/${id}/pause`)).body.state).toBe('paused');
    expect(await listing(root)).toEqual(['a.bin.part', 'a.bin.part.json']);
    const { done_bytes: paused } = (await server.ask(`POST /api/downloads/${id}/resume`)).body;
    await until(server, id, ({ state, done_bytes: done }) => state === 'running' && done > paused);
    await server.control.close();
    expect(server.store.kept('download').size).toBe(1);
    const again = await staged(root, { store: server.store });
    await until(again, id, inState('done'));
    expect((await readFile(join(root, 'a.bin'))).equals(Buffer.from(contentOf(seed, 0, size)))).toBe(true);
    expect(await listing(root)).toEqual(['a.bin']);
  });

  it('a few run at once, the highest priority first, then the oldest', async () => {
    const [root, source] = [await folder(), await origin({ files: Object.fromEntries([0, 1, 2, 3, 4].map((at) => [`/${at}`, file])) })];
    const store = (await stage()).store;
    const stopped = await staged(root, { store }, 0);
    const ids: string[] = [];
    for (const [at, priority] of [0, 0, 5, 0, 9].entries()) ids.push((await post(stopped, { url: source.url(`/${at}`), priority })).id);
    await stopped.ask(`PATCH /api/downloads/${ids[3]}`, { priority: 7 });
    await stopped.control.close();
    const server = await staged(root, { store }, 1);
    const begun: string[] = [];
    for (let left = 5; left > 0; ) {
      const list: DownloadInfo[] = (await server.ask('GET /api/downloads')).body;
      const running = list.filter(({ state }) => state === 'running');
      expect(running.length).toBeLessThanOrEqual(1);
      for (const { id, state } of list) if (state !== 'queued' && !begun.includes(id)) begun.push(id);
      left = list.filter(({ state }) => state !== 'done').length;
      await new Promise(setImmediate);
    }
    expect(begun).toEqual([4, 3, 2, 0, 1].map((at) => ids[at]));
  });

  it('is held against its digest again when asked', async () => {
    const [root, source] = [await folder(), await origin({ files: { '/a.bin': file } })];
    const server = await staged(root);
    const { id } = await post(server, { url: source.url('/a.bin'), checksum });
    await until(server, id, inState('done'));
    expect((await server.ask(`POST /api/downloads/${id}/verify`)).body.state).toBe('verifying');
    expect((await until(server, id, inState('done'))).verified).toBe('digest');
    await writeFile(join(root, 'a.bin'), Buffer.alloc(size));
    await server.ask(`POST /api/downloads/${id}/verify`);
    await expect(until(server, id, inState('done'))).rejects.toThrow('sha256');
  });

  it('is forgotten with its files, or without', async () => {
    const [root, source] = [await folder(), await origin({ files: { '/a.bin': file, '/b.bin': file } })];
    const server = await staged(root);
    const ids = [(await post(server, { url: source.url('/a.bin') })).id, (await post(server, { url: source.url('/b.bin') })).id] as const;
    for (const id of ids) await until(server, id, inState('done'));
    expect((await server.ask(`DELETE /api/downloads/${ids[0]}`)).status).toBe(204);
    expect((await server.ask(`DELETE /api/downloads/${ids[1]}?delete_files`)).status).toBe(204);
    expect(await listing(root)).toEqual(['a.bin']);
    expect((await server.ask('GET /api/downloads')).body).toEqual([]);
    expect(server.store.kept('download').size).toBe(0);
  });

  it('takes the sources of a task, unless the task changes the bytes', async () => {
    const [root, source] = [await folder(), await origin({ files: { '/a.bin': file } })];
    const server = await staged(root);
    const plain = (await server.ask('POST /api/tasks', { url: source.url('/a.bin'), output_filename: 'named.bin' })).body.task_id;
    const { id } = await post(server, { task_id: plain });
    await until(server, id, inState('done'));
    expect(await listing(root)).toEqual(['named.bin']);
    const plugins = [{ id: 'chacha20', enabled: true, config: { secret: '00'.repeat(44) } }];
    const changed = (await server.ask('POST /api/tasks', { url: source.url('/a.bin'), plugins })).body.task_id;
    expect((await server.ask('POST /api/downloads', { task_id: changed })).status).toBe(400);
  });

  const url = 'https://a.invalid/f';
  const refused: readonly (readonly [object, number])[] = [
    [{}, 400],
    [{ url, filename: '../x' }, 400],
    [{ url, filename: 'a/../../x' }, 400],
    [{ url, filename: '/etc/passwd' }, 400],
    [{ url, filename: 'C:\\x' }, 400],
    [{ url, filename: '..' }, 400],
    [{ url, filename: ' ' }, 400],
    [{ url, filename: 'a\nb' }, 400],
    [{ url, checksum: 'sha256:00' }, 400],
    [{ url, headers: { 'a b': 'c' } }, 400],
    [{ url, priority: 1.5 }, 400],
    [{ url, odd: 1 }, 400],
    [{ url: 'file:///etc/passwd' }, 400],
    [{ task_id: 'nobody' }, 404],
  ];
  for (const [body, status] of refused) {
    it(`${JSON.stringify(body)} is answered ${status}, and nothing begins`, async () => {
      const root = await folder();
      const server = await staged(root);
      expect((await server.ask('POST /api/downloads', body)).status).toBe(status);
      expect((await server.ask('GET /api/downloads')).body).toEqual([]);
      expect(await listing(root)).toEqual([]);
    });
  }
});

describe('the tool for files of the server', () => {
  it('works below the folder, and tells its progress line by line', async () => {
    const root = await folder();
    await writeFile(join(root, 'in.bin'), 'hello world');
    const server = await staged(root);
    const asked = { task: {}, params: { input_path: join(root, 'in.bin'), output_dir: join(root, 'out'), encrypt: false } };
    const { status, headers, body } = await server.ask('POST /api/plugins/chacha20/forward', asked);
    expect([status, headers.get('content-type'), headers.get('x-accel-buffering')]).toEqual([200, 'application/x-ndjson', 'no']);
    const lines = String(body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(0)).toMatchObject({ type: 'progress', bytes_done: 0, bytes_total: 11 });
    expect(lines.at(-1)).toMatchObject({ type: 'result', bytes_in: 11 });
    const again = await server.ask('POST /api/plugins/chacha20/forward', {
      ...asked,
      params: { ...asked.params, input_path: '/etc/passwd' },
    });
    expect(JSON.parse(String(again.body).trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'error', error: expect.any(String) });
  });
});
