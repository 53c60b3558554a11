import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergedFileName, mergedName } from '../../src/http/merged-name.ts';
import { character } from './characters.ts';

const at = (names: readonly string[]): string[] => names.map((name) => `http://a/${encodeURIComponent(name)}?q=1`);

describe('the name that volumes have together', () => {
  it.each<[readonly string[], string, string]>([
    [['movie.part01.mp4', 'movie.part02.mp4'], 'movie', 'movie.mp4'],
    [['big.zip.001', 'big.zip.002', 'big.zip.003'], 'big.zip', 'big.zip'],
    [['alpha.bin', 'beta.bin'], 'alpha.bin', 'alpha.bin'],
    [['电影.part1.mp4', '电影.part2.mp4'], '电影', '电影.mp4'],
    [['t.mkv.01', 't.mkv.02'], 't.mkv', 't.mkv'],
    [['Movie.PART1.MP4', 'Movie.PART2.mp4'], 'Movie', 'Movie.MP4'],
    [['movie (1).mkv', 'movie (2).mkv'], 'movie', 'movie.mkv'],
    [['movie_vol.1.avi', 'movie_vol.2.avi'], 'movie', 'movie.avi'],
    [['show 2024.part1.mp4', 'show 2024.part2.mp4'], 'show 2024', 'show 2024.mp4'],
    [['data.part1.enc', 'data.part2.enc'], 'data', 'data'],
    [['data.1.bin', 'data.2.bin'], 'data', 'data'],
    [['data.1.mp4', 'data.2.mkv'], 'data', 'data'],
    [['a.mp4', 'b.mp4'], 'a.mp4', 'a.mp4'],
    [['电影第1卷.mp4', '电影第2卷.mp4'], '电影', '电影.mp4'],
    [['😀1.mp4', '😁1.mp4'], '😀1.mp4', '😀1.mp4'],
    [['one.mp4'], 'one.mp4', 'one.mp4'],
    // The digit of an extension is no count.
    [['movie.mp4.001', 'movie.mp4.002'], 'movie.mp4', 'movie.mp4'],
    [['song.mp3', 'song.mp3'], 'song.mp3', 'song.mp3'],
  ])('for %j is %j, and %j with its extension', (names, name, fileName) => {
    expect(mergedName(names, at(names))).toBe(name);
    expect(mergedFileName(names, at(names))).toBe(fileName);
    expect(mergedName([], at(names))).toBe(name);
    expect(mergedFileName([], at(names))).toBe(fileName);
  });

  it('is taken from the URLs where the names share nothing', () => {
    expect(mergedName(['a.mp4', 'b.mp4'], at(['c.part1', 'c.part2']))).toBe('c');
    expect(mergedFileName(['a.mp4', 'b.mp4'], at(['c.part1', 'c.part2']))).toBe('c.mp4');
  });

  it('is empty where nothing has a name', () => {
    expect(mergedFileName([], [])).toBe('');
    expect(mergedFileName([], ['http://a/', 'http://b/'])).toBe('');
  });

  it('is one that every name begins with, or the first, for any names', () => {
    const name = fc.string({ unit: fc.oneof(character, fc.constantFrom('part', '1', '.', '.mp4')) });
    fc.assert(
      fc.property(fc.string(), fc.array(name, { minLength: 1, maxLength: 4 }), (beginning, ends) => {
        const names = ends.map((end) => beginning + end);
        const merged = mergedName(names, []);
        expect(merged === names[0] || names.every((text) => text.startsWith(merged))).toBe(true);
        expect(mergedFileName(names, []).startsWith(merged)).toBe(true);
      }),
    );
  });
});
