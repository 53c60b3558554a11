import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { forwardBy } from '../../src/filter/catalogue.ts';
import { ChaCha20 } from '../../src/filter/chacha20.ts';
import { secretOf } from '../../src/filter/chacha20-config.ts';
import { type ForwardProgress, type ForwardResult, forward } from '../../src/filter/forward.ts';
import { bytesOf } from '../../src/testing/store-contract.ts';

const secret = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff000102030405060708090a0b';
const size = 300_007;

let top: string;
let root: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'hydrant-forward-'));
  root = join(top, 'files');
  mkdirSync(root);
  writeFileSync(join(root, 'film.mkv'), bytesOf(0, size));
  writeFileSync(join(top, 'elsewhere.txt'), 'elsewhere');
});

afterEach(() => rmSync(top, { recursive: true }));

type Params = Readonly<Record<string, unknown>>;
const params = (more: Params = {}): Params => ({ input_path: 'film.mkv', output_dir: 'out', split_mode: 'fixed', ...more });
const run = (more: Params = {}, task: unknown = { secret }, signal?: AbortSignal) =>
  forward({ params: params(more), task, global: { buffer_size: '4K' } }, { root, random: () => 0.5 }, signal);

const all = async (steps: AsyncIterable<ForwardProgress | ForwardResult>) => {
  const progress: ForwardProgress[] = [];
  let result: ForwardResult | undefined;
  for await (const step of steps) {
    expect(result).toBeUndefined();
    if (step.type === 'progress') progress.push(step);
    else result = step;
  }
  if (result === undefined) throw new Error('no result');
  return { progress, result };
};

const tree = (): string[] => readdirSync(top, { recursive: true, encoding: 'utf8' }).toSorted();
const before = ['elsewhere.txt', 'files', 'files/film.mkv'];
const invalid = (message: RegExp) => expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) });

describe('the forward tool', () => {
  it('encrypts into volumes whose keystream runs on, and tells where they are', async () => {
    const { progress, result } = await all(run({ max_volume_size: '100000' }));
    const parts = result.info.volumes.map(({ path }) => readFileSync(path));
    expect(result.info.volumes.map(({ path }) => path.slice(root.length))).toEqual([1, 2, 3, 4].map((n) => `/out/film.part${n}.enc`));
    expect(parts.map((part) => part.length)).toEqual([100_000, 100_000, 100_000, 7]);
    const plain = new ChaCha20(secretOf(secret)).apply(0, Buffer.concat(parts));
    expect(Buffer.compare(plain, bytesOf(0, size))).toBe(0);
    expect(result).toMatchObject({
      type: 'result',
      bytes_in: size,
      bytes_out: size,
      message: 'encrypted 293.0 KiB into 4 files',
      info: {
        encrypted: true,
        secret,
        key: secret.slice(0, 64),
        nonce: secret.slice(64),
        total_size: size,
        volume_count: 4,
        generated_secret: false,
      },
    });
    expect(progress[0]).toEqual({ type: 'progress', bytes_done: 0, bytes_total: size, phase: 'encrypt' });
    expect(progress.at(-1)).toEqual({ type: 'progress', bytes_done: size, bytes_total: size, phase: 'encrypt' });
  });

  it('only splits when asked to, and looks at no secret then', async () => {
    const { progress, result } = await all(run({ encrypt: false, max_volume_size: 200_000 }, { secret: 'nonsense' }));
    expect(Buffer.concat(result.info.volumes.map(({ path }) => readFileSync(path))).equals(Buffer.from(bytesOf(0, size)))).toBe(true);
    expect(Object.keys(result.info)).toEqual(['encrypted', 'total_size', 'volume_count', 'volumes']);
    expect(result.info.volumes[0]?.path).toBe(join(root, 'out', 'film.part1'));
    expect(progress[0]?.phase).toBe('split');
  });

  it('names a single file without a number, as it is told, in a directory that it makes', async () => {
    const named = await all(run({ filename_prefix: 'new', output_dir: 'a/b/c' }));
    expect(named.result.info.volumes).toEqual([{ path: join(root, 'a/b/c/new.part.enc'), size }]);
    const again = await all(run({ volume_suffix: '.x', output_dir: join(root, 'a') }));
    expect(again.result.info.volumes).toEqual([{ path: join(root, 'a/film.x'), size }]);
  });

  it.each([null, {}, { secret: '' }])('makes a secret where %j is said, and says which, unless that is not wanted', async (task) => {
    const { result } = await all(run({}, task));
    const { secret: made = '', volumes } = result.info;
    expect(result.info).toMatchObject({ generated_secret: true });
    const bytes = readFileSync(volumes[0]?.path ?? '');
    expect(Buffer.compare(new ChaCha20(secretOf(made)).apply(0, bytes), bytesOf(0, size))).toBe(0);
    await expect(all(run({ generate_missing: false, output_dir: 'more' }, task))).rejects.toThrow(invalid(/^chacha20: a secret is needed/));
  });

  it('makes an empty file of an empty file', async () => {
    writeFileSync(join(root, 'empty'), '');
    const { progress, result } = await all(run({ input_path: 'empty' }));
    expect(result.info.volumes).toEqual([{ path: join(root, 'out/empty.part.enc'), size: 0 }]);
    expect(progress.map(({ bytes_done }) => bytes_done)).toEqual([0, 0]);
  });

  it.each([
    [{ input_path: '' }, /^chacha20: input_path is needed/],
    [{ output_dir: ' ' }, /^chacha20: output_dir is needed/],
    [{ input_path: 'nothing' }, /^input_path "nothing" is not there/],
    [{ input_path: '.' }, /^input_path "\." is no file/],
    [{ input_path: 'film.mkv/x' }, /^input_path .* is not there/],
    [{ input_path: '../elsewhere.txt' }, /is not below the directory for files/],
    [{ input_path: '../nothing' }, /is not below the directory for files/],
    [{ input_path: '/etc/passwd' }, /is not below the directory for files/],
    [{ input_path: 'a\0b' }, /is not below the directory for files/],
    [{ input_path: 'link.txt' }, /is not below the directory for files/],
    [{ input_path: 'way/elsewhere.txt' }, /is not below the directory for files/],
    [{ output_dir: '..' }, /is not below the directory for files/],
    [{ output_dir: 'x/../../y' }, /is not below the directory for files/],
    [{ output_dir: 'way' }, /is not below the directory for files/],
    [{ output_dir: 'way/new' }, /is not below the directory for files/],
    [{ output_dir: 'film.mkv' }, /^output_dir "film.mkv" is no directory/],
    [{ output_dir: 'film.mkv/x' }, /^output_dir .* is no directory/],
    [{ filename_prefix: '../x' }, /^chacha20: filename_prefix is part of a name/],
    [{ filename_prefix: 'a/b' }, /^chacha20: filename_prefix is part of a name/],
    [{ filename_prefix: '..' }, /^chacha20: filename_prefix is part of a name/],
    [{ volume_suffix: '/../../x' }, /^chacha20: volume_suffix is part of a name/],
    [{ volume_suffix: '\\x' }, /^chacha20: volume_suffix is part of a name/],
    [{ volume_suffix: '.x', max_volume_size: 9 }, /^chacha20: max_volume_size of 9 makes more than/],
    [{ volume_suffix: '.x', max_volume_size: 100_000 }, /^chacha20: volume_suffix needs \{N\}/],
    [{ split_mode: 'both' }, /^chacha20: split_mode is random or fixed/],
    [{ encrypt: 'yes' }, /^chacha20: encrypt is true or false/],
    [{ max_volume_size: 'big' }, /^chacha20: max_volume_size is a size/],
    [{ outptu_dir: 'x' }, /^chacha20: there is no "outptu_dir" \(did you mean output_dir\?\)/],
  ])('refuses %j and touches nothing', async (more, message) => {
    symlinkSync(join(top, 'elsewhere.txt'), join(root, 'link.txt'));
    symlinkSync(top, join(root, 'way'));
    const links = tree();
    await expect(all(run(more))).rejects.toThrow(invalid(message));
    expect(tree()).toEqual(links);
    expect(readFileSync(join(root, 'film.mkv')).length).toBe(size);
  });

  it('follows links that stay below', async () => {
    symlinkSync('film.mkv', join(root, 'same.mkv'));
    const { result } = await all(run({ input_path: 'same.mkv' }));
    expect(result.bytes_in).toBe(size);
    symlinkSync(root, join(top, 'alias'));
    const aliased = forward({ params: params({ output_dir: join(root, 'more') }) }, { root: join(top, 'alias') });
    expect((await all(aliased)).result.info.volumes[0]?.path).toBe(join(root, 'more/film.part.enc'));
  });

  it('overwrites nothing, itself and what a link stands for included, and leaves the rest as it was', async () => {
    mkdirSync(join(root, 'out'));
    symlinkSync(join(top, 'gone'), join(root, 'out/film.part3.enc'));
    const there = tree();
    await expect(all(run({ max_volume_size: 100_000 }))).rejects.toThrow(invalid(/^"film\.part3\.enc" is there already/));
    await expect(all(run({ output_dir: '.', volume_suffix: '.mkv' }))).rejects.toThrow(invalid(/^"film\.mkv" is there already/));
    expect(tree()).toEqual(there);
    expect(existsSync(join(top, 'gone'))).toBe(false);
    expect(Buffer.compare(readFileSync(join(root, 'film.mkv')), bytesOf(0, size))).toBe(0);
  });

  it('overwrites nothing that comes while it runs, and takes away only what it wrote', async () => {
    const steps = run({ max_volume_size: 100_000 });
    await steps.next();
    writeFileSync(join(root, 'out/film.part2.enc'), 'mine');
    await expect(all(steps)).rejects.toThrow(invalid(/^"film\.part2\.enc" is there already/));
    expect(readdirSync(join(root, 'out'))).toEqual(['film.part2.enc']);
    expect(readFileSync(join(root, 'out/film.part2.enc'), 'utf8')).toBe('mine');
  });

  it('leaves nothing when it is stopped, or its reader goes', async () => {
    const stop = new AbortController();
    const steps = run({ output_dir: 'a/b' }, { secret }, stop.signal);
    await steps.next();
    stop.abort();
    await expect(all(steps)).rejects.toThrow(expect.objectContaining({ code: 'STOPPED' }));
    expect(tree()).toEqual(before);
    for await (const step of run({ output_dir: 'a/b' })) if (step.type === 'progress' && step.bytes_done > 0) break;
    expect(tree()).toEqual(before);
  });

  it('refuses an input that changes its length on the way', async () => {
    for (const length of [1_000, size + 1]) {
      const steps = run({ max_volume_size: 100_000 });
      await steps.next();
      truncateSync(join(root, 'film.mkv'), length);
      await expect(all(steps)).rejects.toThrow(
        expect.objectContaining({ code: 'STORE_FAILED', message: expect.stringMatching(/changed its length/) }),
      );
      expect(tree()).toEqual(before);
      writeFileSync(join(root, 'film.mkv'), bytesOf(0, size));
    }
  });

  it('is found by the name of its filter', async () => {
    const { result } = await all(forwardBy('chacha20', { params: params() }, { root }));
    expect(result.info.volume_count).toBe(1);
    expect(() => forwardBy('nope', {}, { root })).toThrow(invalid(/^unknown plugin "nope"/));
  });
});
