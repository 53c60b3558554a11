import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Names } from '../../src/client/names.ts';
import { placeOf } from '../../src/client/place.ts';
import { folder } from './stage.ts';

describe('names', () => {
  it('are given once, the second with a number before its extension', () => {
    const names = new Names();
    const paths = ['a.tar.gz', 'a.tar.gz', 'sub/b', 'sub/b', 'a.tar.gz'].map((name) => names.take('out', name).path);
    expect(paths).toEqual(['a.tar.gz', 'a (1).tar.gz', 'sub/b', 'sub/b (1)', 'a (2).tar.gz'].map((name) => join('out', name)));
  });

  it('are one whether written relative or absolute', () => {
    const names = new Names();
    names.take('.', 'a');
    expect(names.take(process.cwd(), 'a').path).toBe(join(process.cwd(), 'a (1)'));
  });

  it('come back when they are released or exchanged', () => {
    const names = new Names();
    const first = names.take('.', 'a');
    const second = names.take('.', 'b');
    second.move('a');
    expect(second.path).toBe('a (1)');
    expect(names.take('.', 'b').path).toBe('b');
    first.release();
    expect(names.take('.', 'a').path).toBe('a');
  });

  it('are never held by two at once', () => {
    const step = fc.record({
      act: fc.constantFrom('take', 'move', 'next', 'release'),
      name: fc.constantFrom('a', 'b.x', 'a (1)'),
      who: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const names = new Names();
        const held: ReturnType<Names['take']>[] = [];
        for (const { act, name, who } of steps) {
          const index = held.length === 0 ? 0 : who % held.length;
          if (act === 'take') held.push(names.take('.', name));
          else if (act === 'move') held[index]?.move(name);
          else if (act === 'next') held[index]?.next((path) => path === 'a');
          else held.splice(index, 1)[0]?.release();
          expect(new Set(held.map(({ path }) => path)).size).toBe(held.length);
        }
      }),
    );
  });
});

describe('where a file goes', () => {
  it('is the directory that output names, or the file where there is no such directory', async () => {
    const directory = await folder();
    const inside = (name: string): string => join(directory, name);
    await mkdir(inside('there'));
    await writeFile(inside('file'), '');
    expect(placeOf(inside('there'), undefined, true)).toEqual({ directory: inside('there'), name: undefined });
    expect(placeOf(inside('new'), undefined, true)).toEqual({ directory, name: 'new' });
    expect(placeOf(inside('file'), undefined, true)).toEqual({ directory, name: 'file' });
    expect(placeOf(inside('new/'), undefined, true)).toEqual({ directory: inside('new/'), name: undefined });
    expect(placeOf(inside('new'), undefined, false)).toEqual({ directory: inside('new'), name: undefined });
    expect(placeOf(inside('new'), 'a//b', true)).toEqual({ directory: inside('new'), name: 'a/b' });
    expect(() => placeOf(inside('file'), undefined, false)).toThrow(/is a file/);
    expect(() => placeOf(inside('file'), 'x', true)).toThrow(/is a file/);
    expect(() => placeOf(inside('file/'), undefined, true)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('is no device', () => {
    expect(() => placeOf('/dev/null', undefined, true)).toThrow(/hydrant cat/);
  });

  it.each(['../x', 'a/../../x', '/etc/x', '', '.', 'a\0b'])('is never outside the directory: %j is refused', (out) => {
    expect(() => placeOf('.', out, false)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});
