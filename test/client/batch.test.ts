import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { batch } from '../../src/client/batch.ts';
import type { DownloadResult } from '../../src/client/download.ts';
import type { FileSpec } from '../../src/client/file-spec.ts';
import { HydrantError } from '../../src/core/errors.ts';
import { contentOf } from '../../src/testing/content.ts';
import { folder, listing, observed, origin } from './stage.ts';

const specOf = (url: string): FileSpec => ({ volumes: [[{ url }]] });

describe('a batch', () => {
  it('gives outcomes in the order of its files, and one that fails stops no other', async () => {
    const source = await origin({ files: { '/1': { seed: 1, size: 300_000 }, '/3': { seed: 3, size: 10 } } });
    const directory = await folder();
    const { client } = observed();
    const files = ['/1', '/2', '/3'].map((path) => specOf(source.url(path)));
    const outcomes = await batch(client, [...files, specOf('nonsense')], { output: directory });
    expect(outcomes.map(({ result, error }) => result?.bytes ?? error?.code)).toEqual([300_000, 'SOURCE_REFUSED', 10, 'OPTION_INVALID']);
    expect(outcomes[0]?.file).toBe(files[0]);
    expect(await listing(directory)).toEqual(['1', '3']);
  });

  it('gives no two files one name, whenever they run', async () => {
    const paths = ['/a/x.bin', '/b/x.bin', '/c/x.bin'];
    const source = await origin({ files: Object.fromEntries(paths.map((path, index) => [path, { seed: index, size: 1000 + index }])) });
    const directory = await folder();
    const { client } = observed();
    const outcomes = await batch(
      client,
      paths.map((path) => specOf(source.url(path))),
      { output: directory, jobs: 1 },
    );
    const names = ['x.bin', 'x (1).bin', 'x (2).bin'];
    expect(outcomes.map(({ result }) => result?.path)).toEqual(names.map((name) => join(directory, name)));
    for (const [index, name] of names.entries()) {
      expect((await readFile(join(directory, name))).equals(Buffer.from(contentOf(index, 0, 1000 + index)))).toBe(true);
    }
  });

  it('of several files makes the directory it puts them in', async () => {
    const source = await origin({ files: { '/1': { seed: 1, size: 1 }, '/2': { seed: 1, size: 2 } } });
    const directory = await folder();
    const { client } = observed();
    await batch(
      client,
      ['/1', '/2'].map((path) => specOf(source.url(path))),
      { output: join(directory, 'new') },
    );
    expect(await listing(join(directory, 'new'))).toEqual(['1', '2']);
  });

  it('of several files is refused where a file stands in the way of the directory', async () => {
    const directory = await folder();
    await writeFile(join(directory, 'taken'), 'mine');
    const { client } = observed();
    const outcomes = await batch(client, ['http://127.0.0.1:1/1', 'http://127.0.0.1:1/2'].map(specOf), {
      output: join(directory, 'taken'),
    });
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['OPTION_INVALID', 'OPTION_INVALID']);
  });

  it('runs as many files at once as it is told to, never more', async () => {
    let running = 0;
    let most = 0;
    const turns: (() => void)[] = [];
    const download = async (): Promise<DownloadResult> => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => turns.push(resolve));
      running--;
      return { path: '', bytes: 0, skipped: false, verified: 'none' };
    };
    const done = batch(
      { run: () => ({ download, end: () => undefined }) },
      Array.from({ length: 7 }, () => specOf('http://x/')),
      { jobs: 3 },
    );
    while (turns.length > 0) {
      turns.shift()?.();
      await new Promise(setImmediate);
    }
    expect(await done).toHaveLength(7);
    expect(most).toBe(3);
  });

  it('that is stopped tells of every file, begun or not', async () => {
    const stopping = new AbortController();
    const download = async (): Promise<DownloadResult> => {
      stopping.abort('enough');
      throw new HydrantError('STOPPED', 'stopped', { cause: 'enough' });
    };
    const outcomes = await batch(
      { run: () => ({ download, end: () => undefined }) },
      ['http://x/', 'http://y/', 'http://z/'].map(specOf),
      { jobs: 1 },
      stopping.signal,
    );
    expect(outcomes.map(({ error }) => [error?.code, error?.cause])).toEqual(Array(3).fill(['STOPPED', 'enough']));
  });
});
