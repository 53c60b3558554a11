/** What becomes of a name that is taken already. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { expectPlain } from './expect-plain.ts';
import { Desk, type Ended, hydrant } from './run.ts';

const file = { size: 1_000_000, seed: 4 };
/** Slow enough that socket buffers do not hold what nobody wants. */
const gentle = { total: 2_000_000 };

describe('a file that is there already', () => {
  const run = async (policy: string, look: (desk: Desk, ended: Ended, origin: Origin) => void): Promise<void> => {
    using desk = new Desk();
    mkdirSync(desk.at('out'));
    writeFileSync(desk.at('out', 'a.bin'), 'mine');
    await using origin = await Origin.start({ files: { '/a.bin': file }, rate: gentle });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/', '--if-exists', policy], { desk });
    look(desk, ended, origin);
  };

  it('is left alone and named with --if-exists fail', () =>
    run('fail', (desk, ended) => {
      expectPlain(ended, 2, /a\.bin/);
      expect(readFileSync(desk.at('out', 'a.bin'), 'utf8')).toBe('mine');
    }));

  it('is left alone with skip', () =>
    run('skip', (desk, ended, origin) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(readFileSync(desk.at('out', 'a.bin'), 'utf8')).toBe('mine');
      expect(origin.counts.sent).toBeLessThan(file.size / 2);
    }));

  it('gives way with overwrite', () =>
    run('overwrite', (desk, ended) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
    }));

  it('keeps its name with rename', () =>
    run('rename', (desk, ended) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(readdirSync(desk.at('out')).sort()).toEqual(['a (1).bin', 'a.bin']);
      expect(digestOf({ bytes: readFileSync(desk.at('out', 'a (1).bin')) })).toBe(digestOf(file));
    }));

  it('is not fetched again where it is complete', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, rate: gentle });
    const first = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(first, first.stderr).toMatchObject({ code: 0 });
    const before = origin.counts.sent;
    const second = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(second, second.stderr).toMatchObject({ code: 0 });
    expect(origin.counts.sent - before).toBeLessThan(file.size / 2);
    expect(readdirSync(desk.at('out'))).toEqual(['a.bin']);
  });
});

describe('a name that is a link to nothing', () => {
  const run = async (args: readonly string[], look: (desk: Desk, ended: Ended, origin: Origin) => void): Promise<void> => {
    using desk = new Desk();
    symlinkSync('nowhere/x', desk.at('a.bin'));
    await using origin = await Origin.start({ files: { '/a.bin': file }, rate: gentle });
    look(desk, await hydrant(['get', origin.url('/a.bin'), ...args], { desk }), origin);
  };

  it.each([
    ['as the name that was asked for', ['-o', 'a.bin']],
    ['as the name of the URL', []],
    ['though it is to be skipped', ['--if-exists', 'skip']],
    ['though it is there already', ['-o', 'a.bin', '--if-exists', 'fail']],
  ])('is refused before anything is fetched, %s', (_, args) =>
    run(args, (desk, ended, origin) => {
      expectPlain(ended, 2, /"a\.bin" is (a link to "nowhere\/x"|there already)/);
      expect(readdirSync(desk.path)).toEqual(['a.bin']);
      expect(origin.counts.sent).toBeLessThan(file.size / 2);
    }),
  );

  it('gives way with overwrite', () =>
    run(['-o', 'a.bin', '--if-exists', 'overwrite'], (desk, ended) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(lstatSync(desk.at('a.bin')).isFile()).toBe(true);
      expect(digestOf({ bytes: readFileSync(desk.at('a.bin')) })).toBe(digestOf(file));
    }));

  it('keeps its name with rename', () =>
    run(['--if-exists', 'rename'], (desk, ended) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(readdirSync(desk.path).sort()).toEqual(['a (1).bin', 'a.bin']);
    }));
});
