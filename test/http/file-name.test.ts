import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fileName, type NameSources } from '../../src/http/file-name.ts';
import { numbered, safeName } from '../../src/http/safe-name.ts';
import { character } from './characters.ts';

const from = (known: Partial<NameSources>): string =>
  fileName({ disposition: undefined, url: 'http://a/final.zip', asked: 'http://a/first.zip', type: undefined, ...known });

describe('the name of a file', () => {
  it.each<[string, Partial<NameSources>, string]>([
    ['what Content-Disposition asks for', { disposition: 'asked.pdf' }, 'asked.pdf'],
    ['else the last segment of the URL that answered', {}, 'final.zip'],
    ['that segment percent-decoded', { url: 'http://a/b/d%C3%BC%20x.zip?q=1#f' }, 'dü x.zip'],
    ['that segment as it is where it is no UTF-8', { url: 'http://a/d%FC.zip' }, 'd%FC.zip'],
    ['a segment before trailing slashes', { url: 'http://a/b/data//' }, 'data'],
    ['else the last segment of the URL asked for', { url: 'http://a/' }, 'first.zip'],
    ['else "download"', { url: 'http://a/', asked: 'http://a/..' }, 'download'],
    ['never a name of dots alone', { disposition: '..' }, 'final.zip'],
    ['never a path', { disposition: '../../etc/passwd' }, '_.._etc_passwd'],
    ['never a path that was percent-encoded', { url: 'http://a/..%2f..%2fetc%2fpasswd' }, '_.._etc_passwd'],
    ['never a path of Windows', { disposition: 'C:\\dir\\a.txt' }, 'C_dir_a.txt'],
  ])('is %s', (_name, known, name) => {
    expect(from(known)).toBe(name);
  });

  it.each([
    ['report', 'application/pdf', 'report.pdf'],
    ['song', 'audio/mpeg', 'song.mp3'],
    ['page.php', 'text/html', 'page.php'],
    ['data', 'application/octet-stream', 'data'],
    ['data', 'binary/octet-stream', 'data'],
    ['data', 'no/such', 'data'],
    ['a b. c', 'text/plain', 'a b. c.txt'],
  ])('%s of type %s is %s', (disposition, type, name) => {
    expect(from({ disposition, type })).toBe(name);
  });

  it('is "download" with an extension where nothing but the type is known', () => {
    expect(from({ url: 'http://a/', asked: 'http://a/', type: 'text/html' })).toBe('download.html');
  });
});

describe('a safe name', () => {
  it.each([
    ['a\u202egpj.exe', 'agpj.exe'],
    ['a\0b\u0007c\u2066d', 'abcd'],
    ['a\r\n\tb', 'a b'],
    ['.hidden', 'hidden'],
    ['...a', 'a'],
    ['a. . ', 'a'],
    ['a<b>c:"d|e?f*g', 'a_b_c_d_e_f_g'],
    ['con', 'con_'],
    ['NUL.txt', 'NUL_.txt'],
    ['com1 .tar.gz', 'com1_ .tar.gz'],
    ['console.txt', 'console.txt'],
    ['e\u0301', '\u00e9'],
    ['\ud800a', 'a'],
    ['می\u200cخواهم.txt', 'می\u200cخواهم.txt'],
    ['👨\u200d👩.png', '👨\u200d👩.png'],
    ['', ''],
    [' . ', ''],
  ])('of %j is %j', (text, name) => {
    expect(safeName(text)).toBe(name);
  });

  it('is cut to what a file system takes, with its extension and without halving a character', () => {
    expect(safeName(`${'ü'.repeat(300)}.tar.gz`)).toBe(`${'ü'.repeat(119)}.tar.gz`);
    expect(safeName('x'.repeat(300))).toBe('x'.repeat(245));
    expect(safeName(`${'😀'.repeat(100)}.x`)).toBe(`${'😀'.repeat(60)}.x`);
  });

  const risky = fc.oneof(
    fc.string({ unit: character }),
    fc.string({ maxLength: 400 }),
    fc
      .array(fc.constantFrom('.', '..', '/', '\\', ' ', 'con', 'nul', '\u202e', '\0', '😀', 'é', 'e\u0301', '.tar', '.gz', '*', '\ud800'), {
        maxLength: 40,
      })
      .map((parts) => parts.join('')),
  );

  it('of anything is one component, visible, short enough, and safe already', () => {
    fc.assert(
      fc.property(risky, (text) => {
        const name = safeName(text);
        expect(name).not.toMatch(/[/\\<>:"|?*\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(name).not.toMatch(/^[. ]|[. ]$/);
        expect(name).not.toMatch(/^(con|nul)(\..*)?$/i);
        expect(Buffer.byteLength(`${name}.part.json`)).toBeLessThanOrEqual(255);
        expect(safeName(name)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });

  it('is there for whatever a server says', () => {
    fc.assert(
      fc.property(
        risky,
        risky.map((rest) => `http://a/${rest}`),
        fc.option(risky, { nil: undefined }),
        (disposition, url, type) => {
          expect(from({ disposition, url, type })).toMatch(/^[^/\\\0. ][^/\\\0]*$/);
        },
      ),
    );
  });
});

describe('a numbered name', () => {
  it.each([
    ['a.txt', 1, 'a (1).txt'],
    ['a.tar.gz', 2, 'a (2).tar.gz'],
    ['a', 1, 'a (1)'],
    ['.profile', 1, '.profile (1)'],
    ['a.b c', 1, 'a.b c (1)'],
    ['v1.2', 3, 'v1 (3).2'],
    [`${'x'.repeat(300)}.txt`, 10, `${'x'.repeat(236)} (10).txt`],
  ])('of %s with %i is %s', (name, count, result) => {
    expect(numbered(name, count)).toBe(result);
  });
});
