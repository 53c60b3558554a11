import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RangeSet } from '../../src/core/range-set.ts';
import { Journal, readJournal } from '../../src/store/journal.ts';
import { bootId } from '../../src/store/machine.ts';
import { headerLine, safeLine } from '../../src/store/record.ts';

let folder: string;
let count = 0;
const somewhere = () => join(folder, `${count++}.json`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-journal-'));
});
afterAll(() => rm(folder, { recursive: true }));

const created = '2020-02-02T02:02:02.000Z';
const facts = { urls: ['http://127.0.0.1/f'], length: undefined, validators: new Map() };
const begin = async (path: string) => {
  const recorded: number[] = [];
  const note = { ...facts, created, safe: { written: new RangeSet(), synced: new RangeSet() } };
  const journal = new Journal(
    path,
    note,
    (size) => recorded.push(size),
    (error) => {
      throw error;
    },
  );
  await journal.rewrite();
  return { journal, recorded };
};

describe('Journal', () => {
  it('what was written is recorded soon, without being asked', async () => {
    const path = somewhere();
    const { journal, recorded } = await begin(path);
    recorded.length = 0;
    journal.written({ start: 0, end: 5 });
    journal.written({ start: 5, end: 9 });
    while (recorded.length === 0) await new Promise(setImmediate);
    expect(recorded).toEqual([9]);
    expect([...((await readJournal(path))?.safe.written ?? [])]).toEqual([{ start: 0, end: 9 }]);
    await journal.close();
  });

  it('can be read by its owner only', async () => {
    const path = somewhere();
    const { journal } = await begin(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await journal.close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('what is written while it is written anew is not lost', async () => {
    const path = somewhere();
    const { journal } = await begin(path);
    journal.written({ start: 0, end: 10 });
    const rewritten = journal.rewrite({ lost: { start: 2, end: 4 } });
    await new Promise(setImmediate);
    journal.written({ start: 20, end: 30 });
    await rewritten;
    await journal.close();
    expect([...((await readJournal(path))?.safe.written ?? [])]).toEqual([
      { start: 0, end: 2 },
      { start: 4, end: 10 },
      { start: 20, end: 30 },
    ]);
  });

  it('stays short over a long download', async () => {
    const path = somewhere();
    const { journal } = await begin(path);
    // Twenty streams, each line naming what came of every one: some 1.7 MB of lines about twenty ranges.
    for (let round = 0; round < 4_000; round++) {
      for (let stream = 0; stream < 20; stream++) {
        const start = stream * 1_000_000 + round * 10;
        journal.written({ start, end: start + 10 });
      }
      await journal.settled();
    }
    await journal.close();
    expect((await stat(path)).size).toBeLessThan(1_100_000);
    expect((await readJournal(path))?.safe.written.size).toBe(800_000);
  });

  it('after another boot only what was synced counts', async () => {
    const path = somewhere();
    const records = `${safeLine('written', [{ start: 0, end: 100 }])}${safeLine('synced', [{ start: 0, end: 40 }])}`;
    await writeFile(path, `${headerLine({ ...facts, created, boot: bootId() })}${records}`);
    expect((await readJournal(path))?.safe.written.size).toBe(100);
    await writeFile(path, `${headerLine({ ...facts, created, boot: 'another' })}${records}`);
    expect((await readJournal(path))?.safe.written.size).toBe(40);
  });

  it('a note that can be written no more does not vouch for lost bytes', async () => {
    const path = somewhere();
    const { journal } = await begin(path);
    journal.written({ start: 0, end: 100 });
    await journal.settled();
    await mkdir(`${path}.new`);
    await expect(journal.rewrite({ lost: { start: 0, end: 50 } })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await readJournal(path)).toBeUndefined();
    await journal.close();
  });

  it('a line is never begun before the one before it has ended', async () => {
    const path = somewhere();
    const { journal } = await begin(path);
    for (let at = 0; at < 500; at++) {
      journal.written({ start: at * 10, end: at * 10 + 5 });
      journal.hurry();
      if (at % 100 === 50) void journal.synced([{ start: at * 10, end: at * 10 + 5 }]);
    }
    await journal.close();
    const note = await readJournal(path);
    expect(note?.safe.written.count).toBe(500);
    for (const line of (await readFile(path, 'utf8')).trim().split('\n')) expect(JSON.parse(line)).toHaveLength(2);
  });
});
