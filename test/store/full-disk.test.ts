import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { FileStore } from '../../src/store/file.ts';
import { chunkOf } from '../../src/testing/store-contract.ts';
import { contentOf } from './content.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-disk-'));
const mounted: string[] = [];
const mount = (name: string, options: string): string | undefined => {
  const point = join(folder, name);
  mkdirSync(point);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', point]).status !== 0) return undefined;
  mounted.push(point);
  return point;
};
const small = mount('small', 'size=2m');
const tiny = mount('tiny', 'size=64k');
const sealed = mount('sealed', 'size=1m,ro');
afterAll(() => {
  for (const point of mounted) execFileSync('umount', [point]);
  rmSync(folder, { recursive: true });
});

const facts = (length?: number) => ({ urls: ['http://127.0.0.1/f'], length, validators: new Map() });

describe('a disk', () => {
  it.skipIf(small === undefined)('that fills up ends the download, which goes on where it was once there is room', async () => {
    const path = join(`${small}`, 'file');
    const length = 4 * 1_048_576;
    const store = await FileStore.open(path, { facts: facts(), keep: false });
    const chunks: ReturnType<typeof chunkOf>[] = [];
    const fill = async () => {
      for (let at = 0; at < length; at += 50_000) {
        const chunk = chunkOf(contentOf(at, Math.min(length, at + 50_000)));
        chunks.push(chunk);
        await store.write(at, chunk);
      }
      await store.flush();
    };
    const full = { code: 'DISK_FULL', message: `cannot write ${path}.part: no space left on device` };
    await expect(fill()).rejects.toMatchObject(full);
    await expect(store.flush()).rejects.toMatchObject(full);
    await store.close();
    for (const chunk of chunks) expect(chunk.released).toBe(true);

    const found = await FileStore.peek(path);
    expect(found?.bytes).toBeGreaterThan(1_000_000);
    await expect(FileStore.open(path, { facts: facts(length), keep: true })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/^not enough room in .*small: \d\.\d MiB needed, 0\.\d MiB free$/),
    });
    expect((await FileStore.peek(path))?.bytes).toBe(found?.bytes);

    execFileSync('mount', ['-o', 'remount,size=6m', `${small}`]);
    const again = await FileStore.open(path, { facts: facts(length), keep: true });
    expect(again.held.size).toBe(found?.bytes);
    for (const { start, end } of [...again.held.gaps({ start: 0, end: length })]) {
      await again.write(start, chunkOf(contentOf(start, end)));
    }
    await again.flush();
    expect(Buffer.compare(await again.read({ start: 0, end: length }), contentOf(0, length))).toBe(0);
    await again.finish();
    expect(readdirSync(`${small}`)).toEqual(['file']);
  });

  it.skipIf(small === undefined)('that is full already says how much is missing, and is left as it was', async () => {
    const path = join(`${small}`, 'large');
    await expect(FileStore.open(path, { facts: facts(2 ** 30), keep: false })).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/1024\.0 MiB needed, \d\.\d MiB free$/),
    });
    expect(readdirSync(`${small}`)).not.toContain('large.part');
  });

  it.skipIf(tiny === undefined)('that is full to the last page or nearly leaves no lock behind', async () => {
    const filler = join(`${tiny}`, 'filler');
    for (let free = 0; free <= 4; free++) {
      writeFileSync(filler, Buffer.alloc(65_536 - free * 4096, 1));
      const path = join(`${tiny}`, 'file');
      const full = { code: 'DISK_FULL', message: expect.stringMatching(/no space left on device$/) };
      const attempt = async (): Promise<void> => {
        const store = await FileStore.open(path, { facts: facts(), keep: false });
        try {
          await store.write(0, chunkOf(contentOf(0, 100_000)));
          await store.flush();
        } finally {
          await store.close();
        }
      };
      await expect(attempt(), `${free} pages free`).rejects.toMatchObject(full);
      const left = readdirSync(`${tiny}`).filter((name) => name.includes('.lock') || name.endsWith('.new'));
      expect(left, `${free} pages free`).toEqual([]);
      for (const name of readdirSync(`${tiny}`)) rmSync(join(`${tiny}`, name));
    }
  });

  it.skipIf(sealed === undefined)('that is read-only is named in one line', async () => {
    const path = join(`${sealed}`, 'file');
    await expect(FileStore.open(path, { facts: facts(10), keep: false })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: `cannot create ${path}.part: read-only file system`,
    });
  });
});

describe('a directory in the place of a file of ours', () => {
  it.each(['file.part', 'file.part.json', 'file.part.json.new'])('is named and left alone, with no lock beside it: %s', async (name) => {
    const place = mkdtempSync(join(folder, 'taken-'));
    mkdirSync(join(place, name));
    const opening = FileStore.open(join(place, 'file'), { facts: facts(10), keep: false });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining(name.replace('.new', '')) });
    expect(readdirSync(place).filter((entry) => entry !== name && !entry.endsWith('.part'))).toEqual([]);
  });
});

describe('a folder', () => {
  it('that may not be written to is named in one line', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    writeFileSync(join(locked, 'other'), '');
    chmodSync(locked, 0o555);
    const asRoot = process.geteuid?.() === 0;
    if (asRoot) chmodSync(folder, 0o755);
    if (asRoot) process.seteuid?.(65_534);
    try {
      await expect(FileStore.open(join(locked, 'file'), { facts: facts(10), keep: false })).rejects.toMatchObject({
        code: 'STORE_FAILED',
        message: `cannot create ${join(locked, 'file.part')}: permission denied`,
      });
      expect(await FileStore.peek(join(locked, 'file'))).toBeUndefined();
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
    expect(readdirSync(locked)).toEqual(['other']);
  });
});
