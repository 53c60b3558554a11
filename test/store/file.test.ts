import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FileStore } from '../../src/store/file.ts';
import type { PartialFacts } from '../../src/store/record.ts';
import { bytesOf, chunkOf, put, storeContract } from '../../src/testing/store-contract.ts';

let folder: string;
let count = 0;
const somewhere = () => join(folder, `file ${count++}`);
const facts = (length?: number): PartialFacts => ({
  urls: ['https://example.org/f?token=abc'],
  length,
  validators: new Map([['https://user:pass@example.org/f', { etag: '"1"' }]]),
});
const sameBytes = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const leftovers = (path: string) => readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}.`));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

storeContract({ describe, it }, 'FileStore', () => FileStore.open(somewhere(), { facts: facts(), keep: false }));

describe('FileStore', () => {
  it('a finished file has its name, its bytes, its time and nothing beside it', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(300_000), keep: false });
    expect(statSync(store.partPath).size).toBe(300_000);
    await put(store, 200_000, 300_000);
    await put(store, 0, 200_000);
    await store.finish({ mtime: new Date('2020-02-02T02:02:02Z') });
    expect(sameBytes(await readFile(path), bytesOf(0, 300_000))).toBe(true);
    expect(statSync(path).mtime).toEqual(new Date('2020-02-02T02:02:02Z'));
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(leftovers(path)).toEqual([]);
  });

  it('an empty file is finished too', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(0), keep: false });
    await store.finish();
    expect(statSync(path).size).toBe(0);
  });

  it('a file of unknown length is finished once its length is said', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(), keep: false });
    await put(store, 0, 1_000);
    await expect(store.finish()).rejects.toThrow('no whole file');
    await store.resize(1_000);
    await store.finish();
    expect(statSync(path).size).toBe(1_000);
  });

  it('a file with a gap is not finished', async () => {
    const store = await FileStore.open(somewhere(), { facts: facts(1_000), keep: false });
    await put(store, 0, 999);
    await expect(store.finish()).rejects.toThrow('999 of 1000');
    await store.abandon();
  });

  it('another file of that name is never overwritten unless that is wanted', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(3), keep: false });
    await put(store, 0, 3);
    await writeFile(path, 'mine');
    await expect(store.finish()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `${path} has appeared meanwhile and is left alone; what came is kept as ${path}.part`,
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    await store.finish({ replace: true });
    expect(sameBytes(await readFile(path), bytesOf(0, 3))).toBe(true);
    expect(leftovers(path)).toEqual([]);
  });

  it('a closed store leaves what it took for another time', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(100_000), keep: false });
    await put(first, 500, 40_000);
    await put(first, 70_000, 70_001);
    await first.close();
    expect(leftovers(path)).toEqual([`${basename(path)}.part`, `${basename(path)}.part.json`]);
    const found = await FileStore.peek(path);
    expect(found).toMatchObject({ length: 100_000, bytes: 39_501, urls: ['https://example.org/f?token=***'] });
    expect(found?.validators).toEqual(new Map([['https://***@example.org/f', { etag: '"1"' }]]));
    const second = await FileStore.open(path, { facts: facts(100_000), keep: true });
    expect([...second.held]).toEqual([
      { start: 500, end: 40_000 },
      { start: 70_000, end: 70_001 },
    ]);
    await put(second, 0, 100_000);
    await second.finish();
    expect(sameBytes(await readFile(path), bytesOf(0, 100_000))).toBe(true);
  });

  it('a store closed before any byte came leaves nothing', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(100), keep: false });
    await store.close();
    expect(leftovers(path)).toEqual([]);
    expect(await FileStore.peek(path)).toBeUndefined();
  });

  it('an abandoned download leaves nothing', async () => {
    const path = somewhere();
    const store = await FileStore.open(path, { facts: facts(100), keep: false });
    await put(store, 0, 50);
    await store.abandon();
    expect(leftovers(path)).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('bytes that are not to be kept are gone from the file too', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(1_000), keep: false });
    await put(first, 0, 1_000);
    await first.close();
    const second = await FileStore.open(path, { facts: facts(1_000), keep: false });
    expect(second.held.size).toBe(0);
    expect(sameBytes(readFileSync(second.partPath), Buffer.alloc(1_000))).toBe(true);
    await second.close();
  });

  it('discarded bytes stay discarded in the next run', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(1_000), keep: false });
    await put(first, 0, 1_000);
    await first.discard({ start: 100, end: 300 });
    await put(first, 200, 250);
    await first.close();
    const found = await FileStore.peek(path);
    expect([...(found?.held ?? [])]).toEqual([
      { start: 0, end: 100 },
      { start: 200, end: 250 },
      { start: 300, end: 1_000 },
    ]);
  });

  it('a journal is believed only as far as the partial file reaches', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(1_000), keep: false });
    await put(first, 0, 1_000);
    await first.close();
    await truncate(first.partPath, 400);
    expect((await FileStore.peek(path))?.bytes).toBe(400);
    await rm(first.partPath);
    expect((await FileStore.peek(path))?.bytes).toBe(0);
    const second = await FileStore.open(path, { facts: facts(1_000), keep: true });
    expect(second.held.size).toBe(0);
    await second.close();
  });

  it('a partial file with a second name is a finished one and is left alone', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(1_000), keep: false });
    await put(first, 0, 1_000);
    await first.close();
    await link(first.partPath, path);
    expect((await FileStore.peek(path))?.bytes).toBe(0);
    const second = await FileStore.open(path, { facts: facts(500), keep: true });
    await second.abandon();
    expect(sameBytes(await readFile(path), bytesOf(0, 1_000))).toBe(true);
  });

  it('a symbolic link in the place of the partial file is not followed', async () => {
    const path = somewhere();
    const target = somewhere();
    await writeFile(target, 'mine');
    await symlink(target, `${path}.part`);
    await expect(FileStore.open(path, { facts: facts(10), keep: false })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await readFile(target, 'utf8')).toBe('mine');
  });

  it('a name as long as names may be is downloaded too', async () => {
    const path = join(folder, 'ü'.repeat(127));
    const store = await FileStore.open(path, { facts: facts(10), keep: false });
    await put(store, 0, 10);
    await store.finish();
    expect(statSync(path).size).toBe(10);
  });

  it('writes past the length are a mistake of the caller', async () => {
    const store = await FileStore.open(somewhere(), { facts: facts(10), keep: false });
    const chunk = chunkOf(bytesOf(0, 11));
    expect(() => store.write(0, chunk)).toThrow('a file of 10');
    expect(chunk.released).toBe(true);
    await store.close();
  });

  it('what cannot be made says what and why', async () => {
    await writeFile(join(folder, 'plain'), '');
    await mkdir(join(folder, 'taken.part'));
    const opened = (name: string) => FileStore.open(join(folder, name), { facts: facts(10), keep: false });
    await expect(opened('plain/file')).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `cannot create ${join(folder, 'plain/file.part')}: not a directory`,
    });
    await expect(opened('none/file')).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `cannot create ${join(folder, 'none/file.part')}: no such file or directory`,
    });
    await expect(opened('taken')).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `cannot open ${join(folder, 'taken.part')}: illegal operation on a directory`,
    });
    expect(leftovers('taken')).toEqual(['taken.part']);
  });

  it('a file larger than the disk is refused before anything is made', async () => {
    const path = somewhere();
    const open = FileStore.open(path, { facts: facts(2 ** 52), keep: false });
    await expect(open).rejects.toMatchObject({ code: 'DISK_FULL', message: /4294967296\.0 MiB needed, [\d.]+ MiB free/ });
    expect(leftovers(path)).toEqual([]);
    const unknown = await FileStore.open(path, { facts: facts(), keep: false });
    await expect(unknown.resize(2 ** 52)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await unknown.close();
  });

  it('a second opening is refused while the first lasts', async () => {
    const path = somewhere();
    const first = await FileStore.open(path, { facts: facts(10), keep: false });
    await expect(FileStore.open(path, { facts: facts(10), keep: true })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `${path} is being downloaded by process ${process.pid} already`,
    });
    await first.close();
    await (await FileStore.open(path, { facts: facts(10), keep: true })).close();
  });

  it('a bringer that is faster than the disk waits, and goes on', async () => {
    const store = await FileStore.open(somewhere(), { facts: facts(), keep: false });
    let offset = 0;
    let waiting: Promise<void> | undefined;
    for (; waiting === undefined; offset += 65_536) waiting = store.write(offset, chunkOf(bytesOf(offset, offset + 65_536)));
    expect(offset).toBeLessThanOrEqual(1_048_576);
    await waiting;
    expect((await FileStore.peek(store.path))?.bytes).toBeGreaterThanOrEqual(offset / 2);
    await store.abandon();
  });

  it('who waits for a store that is given up is told so', async () => {
    const store = await FileStore.open(somewhere(), { facts: facts(), keep: false });
    let waiting: Promise<void> | undefined;
    for (let at = 0; at < 4_000_000; at += 50_000) waiting = store.write(at, chunkOf(new Uint8Array(50_000)));
    const told = expect(waiting).rejects.toMatchObject({ code: 'STORE_FAILED', message: `${store.partPath} is closed` });
    await store.abandon();
    await told;
  });

  it('a hundred streams at once are written, whatever waits', async () => {
    const store = await FileStore.open(somewhere(), { facts: facts(), keep: false });
    const length = 200_000;
    await Promise.all(
      Array.from({ length: 100 }, async (_, stream) => {
        for (let at = stream * length; at < (stream + 1) * length; at += 20_000) await put(store, at, at + 20_000);
      }),
    );
    await store.flush();
    expect(sameBytes(readFileSync(store.partPath), bytesOf(0, 100 * length))).toBe(true);
    await store.abandon();
  });
});
