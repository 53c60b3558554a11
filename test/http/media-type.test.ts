import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { extensionOf, servedType, typeOfName } from '../../src/http/media-type.ts';
import { character } from './characters.ts';

describe('the type of a name', () => {
  it.each([
    ['movie.mp4', 'video/mp4'],
    ['MOVIE.MKV', 'video/x-matroska'],
    ['a.b.flac', 'audio/flac'],
    ['a.mp3', 'audio/mpeg'],
    ['.mp4', 'video/mp4'],
    ['电影.webm', 'video/webm'],
    ['a.bin', undefined],
    ['a.001', undefined],
    ['a.mp4.enc', undefined],
    ['mp4', undefined],
    ['a.mp4.', undefined],
    ['a.mp4/b', undefined],
    ['constructor', undefined],
    ['a.constructor', undefined],
    ['', undefined],
  ])('%j is %s', (name, type) => {
    expect(typeOfName(name)).toBe(type);
  });

  it('says something or nothing, for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (name) => {
        expect(typeOfName(`a.${name}`) ?? 'x/y').toMatch(/^[^/ ]+\/[^/ ]+$/);
      }),
    );
  });

  it.each(['audio/aac', 'audio/flac', 'audio/mpeg', 'video/quicktime', 'video/mp4', 'video/webm', 'application/zip'])(
    '%s is the type of its own extension',
    (type) => {
      expect(typeOfName(extensionOf(type))).toBe(type);
    },
  );
});

describe('the type that a file is served with', () => {
  it.each<[string | undefined, string | undefined, boolean, string | undefined]>([
    ['video/webm', 'a.mp4', true, 'video/webm'],
    ['text/plain; charset=utf-8', 'a.mp4', true, 'text/plain; charset=utf-8'],
    ['application/octet-stream', 'a.mp4', true, 'video/mp4'],
    ['Application/Octet-Stream; charset=binary', 'a.mp4', true, 'video/mp4'],
    [undefined, 'a.mp4', true, 'video/mp4'],
    ['nonsense', 'a.mp4', true, 'video/mp4'],
    ['application/octet-stream', 'a.unknown', true, 'application/octet-stream'],
    ['application/octet-stream', undefined, true, 'application/octet-stream'],
    [undefined, 'a.unknown', true, undefined],
    ['application/octet-stream', 'a.mp4', false, 'application/octet-stream'],
    [undefined, 'a.mp4', false, undefined],
  ])('of %j named %j, to be mended: %s, is %s', (type, name, mend, served) => {
    expect(servedType(type, name, mend)).toBe(served);
  });
});
