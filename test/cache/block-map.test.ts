import { mkdtempSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { BlockMap, readMap } from '../../src/cache/block-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-map-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const somewhere = () => join(folder, `${count++}`);
const sums = new Map([3, 4, 5, 9, 200_000].map((block) => [block, (block * 2_654_435_761) >>> 0]));

const written = async (): Promise<FileHandle> => {
  const path = somewhere();
  const handle = await open(path, 'w+');
  const map = new BlockMap(await open(path, 'r+'), path, 7);
  for (const [block, sum] of sums) map.set(block, sum);
  await map.close();
  return handle;
};

describe('a block map', () => {
  it('says what it was told, as long as the file has such blocks', async () => {
    const handle = await written();
    expect(await readMap(handle, 7, 300_000)).toEqual(sums);
    expect([...(await readMap(handle, 7, 5)).keys()]).toEqual([3, 4]);
    expect((await readMap(handle, 7, 0)).size).toBe(0);
    await handle.close();
  });

  it('says nothing of bytes of another generation', async () => {
    const handle = await written();
    expect((await readMap(handle, 8, 300_000)).size).toBe(0);
    await handle.close();
  });

  it('says nothing of blocks whose records are torn, damaged or out of place', async () => {
    const handle = await written();
    const records = Buffer.alloc(100);
    await handle.read(records, 0, 100, 0);
    for (let index = 24; index < 32; index++) {
      await handle.write(Buffer.from([(records[index] ?? 0) ^ 16]), 0, 1, index);
      expect([...(await readMap(handle, 7, 10)).keys()]).toEqual([4, 5, 9]);
      await handle.write(records, index, 1, index);
    }
    await handle.write(records, 0, 92, 8);
    expect((await readMap(handle, 7, 12)).size).toBe(0);
    await handle.truncate(28);
    expect((await readMap(handle, 7, 12)).size).toBe(0);
    await handle.close();
  });

  it('ends with what was said last of each block, whenever it is written', async () => {
    const step = fc.record({ block: fc.nat(20), sum: fc.option(fc.nat(2 ** 32 - 1), { nil: undefined }), flush: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const path = somewhere();
        const handle = await open(path, 'w+');
        const map = new BlockMap(await open(path, 'r+'), path, 7);
        const model = new Map<number, number>();
        for (const { block, sum, flush } of steps) {
          map.set(block, sum);
          if (sum === undefined) model.delete(block);
          else model.set(block, sum);
          if (flush) await map.flush();
        }
        await map.close();
        const found = await readMap(handle, 7, 21);
        expect([...found].sort(([a], [b]) => a - b)).toEqual([...model].sort(([a], [b]) => a - b));
        await handle.close();
      }),
    );
  });

  it('begun anew forgets what was said before', async () => {
    const path = somewhere();
    const handle = await open(path, 'w+');
    const map = new BlockMap(await open(path, 'r+'), path, 7);
    map.set(1, 1);
    void map.flush();
    map.set(2, 2);
    const restarted = map.restart(8);
    map.set(3, 3);
    await restarted;
    await map.close();
    expect(await readMap(handle, 8, 10)).toEqual(new Map([[3, 3]]));
    await handle.close();
  });
});
