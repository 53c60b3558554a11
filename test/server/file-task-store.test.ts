import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import { FileTaskStore } from '../../src/server/file-task-store.ts';

const root = await mkdtemp(join(tmpdir(), 'hydrant-state-'));
afterAll(() => rm(root, { recursive: true }));

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
  path = join(folder, 'tasks.json');
});

const open = (): Promise<FileTaskStore> => FileTaskStore.open(path);
const task = (id: string, name = id) => ({ kind: 'task', key: id, value: { id, config: { name } } });
const ids = (store: FileTaskStore): string[] => [...store.kept('task').keys()];
const files = async (): Promise<string[]> => (await readdir(folder)).sort();

/** What a kill would leave: the files as they are while `store` is open, opened by somebody else. */
const killed = async (store: FileTaskStore): Promise<FileTaskStore> => {
  const texts = await Promise.all(['', '.log'].map(async (end) => [end, await readFile(`${path}${end}`)] as const));
  await store.close();
  for (const [end, text] of texts) await writeFile(`${path}${end}`, text);
  return await open();
};

describe('the state file', () => {
  it('is for its owner only, and so is the log', async () => {
    const store = await open();
    await store.commit([task('a')]);
    for (const end of ['', '.log']) expect((await stat(`${path}${end}`)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('keeps everything over an end and over a kill', async () => {
    let store = await open();
    await store.commit([task('a'), task('b')]);
    await store.commit([{ kind: 'settings', key: '', value: { dns: null } }, task('b', 'new'), { ...task('a'), value: undefined }]);
    store = await killed(store);
    expect([...store.kept('task')]).toEqual([['b', { id: 'b', config: { name: 'new' } }]]);
    expect(store.kept('settings').get('')).toEqual({ dns: null });
    await store.close();
    store = await open();
    expect(ids(store)).toEqual(['b']);
    expect(store.notes).toEqual([]);
    await store.close();
    expect(await files()).toEqual(['tasks.json', 'tasks.json.log']);
  });

  it('of the ancestor is read as it is, and what nobody knows stays', async () => {
    const theirs = {
      settings: { global_rate_limit_bps: 5, odd: 1 },
      tasks: [{ id: 'abc123', config: { volumes: [['https://a/f']], odd: true }, created_at: 1, updated_at: 2, paused: true }],
      downloads: [{ task_id: 'abc123', out_dir: '', filename: '', threads: 4, was_running: true }],
      later: { x: 1 },
    };
    await writeFile(path, JSON.stringify(theirs, null, 2));
    const store = await open();
    expect(store.kept('task').get('abc123')).toEqual(theirs.tasks[0]);
    expect(store.kept('fill').get('abc123')).toEqual(theirs.downloads[0]);
    await store.commit([task('b')]);
    await store.close();
    const ours = JSON.parse(await readFile(path, 'utf8'));
    expect(ours).toMatchObject({ ...theirs, tasks: [theirs.tasks[0], { id: 'b' }] });
    expect(ours.version).toBe(1);
  });

  for (const text of ['{}', '{"tasks":[]}', '{"settings":null,"downloads":[{"x":1}],"tasks":[null,{"id":5}]}']) {
    it(`${text} is a state, of which nothing is lost`, async () => {
      await writeFile(path, text);
      const store = await open();
      expect(ids(store)).toEqual([]);
      await store.close();
      const ours = JSON.parse(await readFile(path, 'utf8'));
      if (text.includes('null')) expect(ours).toMatchObject({ unread_tasks: [null, { id: 5 }], unread_downloads: [{ x: 1 }] });
    });
  }

  for (const text of ['', '{"tasks":[', '[]', 'null', '{"tasks":{}}', '\0\0\0\0']) {
    it(`${JSON.stringify(text)} is damaged: it is moved aside, said, and never overwritten`, async () => {
      await writeFile(path, text);
      const store = await open();
      expect(store.notes).toHaveLength(1);
      const [aside = ''] = (await files()).filter((name) => name.includes('.damaged-'));
      expect(store.notes[0]).toContain(aside);
      expect(await readFile(join(folder, aside), 'utf8')).toBe(text);
      await store.close();
    });
  }

  it('of a newer version is refused and left as it is', async () => {
    await writeFile(path, '{"version":2,"tasks":[]}');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('newer') });
    expect(await readFile(path, 'utf8')).toBe('{"version":2,"tasks":[]}');
    expect(await files()).toEqual(['tasks.json']);
  });

  it('that cannot be read is refused and left as it is', async () => {
    await writeFile(path, '{"tasks":[]}');
    await chmod(path, 0o000);
    if (process.getuid?.() === 0) return;
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await files()).toEqual(['tasks.json']);
  });

  it('is for one process at a time', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(`process ${process.pid}`) });
    await store.close();
    await (await open()).close();
  });
});

describe('the log of changes', () => {
  it('may be torn at any byte: what was acknowledged before is there, and the torn batch is not there in part', async () => {
    const store = await open();
    await store.commit([task('a')]);
    const whole = (await stat(`${path}.log`)).size;
    await store.commit([task('b'), task('c')]);
    const texts = [await readFile(path), await readFile(`${path}.log`)] as const;
    await store.close();
    for (let end = whole; end < texts[1].length; end++) {
      await writeFile(path, texts[0]);
      await writeFile(`${path}.log`, texts[1].subarray(0, end));
      const again = await open();
      expect(ids(again), `torn at ${end}`).toEqual(['a']);
      expect(again.notes).toEqual([]);
      await again.close();
    }
  });

  it('that is damaged in its middle is kept aside; what the other lines say holds', async () => {
    const store = await open();
    for (const id of ['a', 'b', 'c']) await store.commit([task(id)]);
    const texts = [await readFile(path), await readFile(`${path}.log`, 'utf8')] as const;
    await store.close();
    await writeFile(path, texts[0]);
    await writeFile(`${path}.log`, texts[1].replace('"b"', '"x"'));
    const again = await open();
    expect(ids(again)).toEqual(['a', 'c']);
    expect(again.notes).toHaveLength(1);
    expect((await files()).some((name) => name.startsWith('tasks.json.log.damaged-'))).toBe(true);
    await again.close();
  });

  it('of a state that was replaced meanwhile is not used, and not lost', async () => {
    const store = await open();
    await store.commit([task('a')]);
    const log = await readFile(`${path}.log`);
    await store.close();
    await writeFile(path, '{"tasks":[{"id":"theirs"}]}');
    await writeFile(`${path}.log`, log);
    const again = await open();
    expect(ids(again)).toEqual(['theirs']);
    expect(again.notes).toHaveLength(1);
    await again.close();
  });

  it('that was written into the state before a kill is known to be old', async () => {
    const store = await open();
    await store.commit([task('a')]);
    const log = await readFile(`${path}.log`);
    await store.commit([{ ...task('a'), value: undefined }]);
    const longer = await readFile(`${path}.log`);
    await store.close();
    await writeFile(`${path}.log`, longer);
    const again = await open();
    expect(ids(again)).toEqual([]);
    expect(again.notes).toEqual([]);
    await again.close();
    expect(log.length).toBeLessThan(longer.length);
  });

  it('is written into the state when it has grown, and nothing is lost by it', async () => {
    let store = await open();
    const name = 'x'.repeat(10_000);
    for (let round = 0; round < 30; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, at) => store.commit([task(`t${at}`, `${name}${round}`)])));
    }
    expect((await stat(`${path}.log`)).size).toBeLessThan(1_400_000);
    store = await killed(store);
    expect([...store.kept('task').values()].every((row) => JSON.stringify(row).includes(`${name}29`))).toBe(true);
    await store.close();
  });

  it('ten thousand changes at once share their syncs', async () => {
    const store = await open();
    const begun = performance.now();
    await Promise.all(Array.from({ length: 10_000 }, (_, at) => store.commit([task(`t${at}`)])));
    expect(performance.now() - begun).toBeLessThan(2_000);
    await store.close();
  });

  it('garbage after its end is left out', async () => {
    const store = await open();
    await store.commit([task('a')]);
    await appendFile(`${path}.log`, Buffer.from([0, 255, 10, 13, 0]));
    const again = await killed(store);
    expect(ids(again)).toEqual(['a']);
    await again.close();
  });
});
