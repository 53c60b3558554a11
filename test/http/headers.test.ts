import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { dispositionName, mediaType, parseHeader, retryAfter } from '../../src/http/headers.ts';
import { parseHttpDate } from '../../src/http/http-date.ts';
import { character } from './characters.ts';

const wall = Date.UTC(2026, 0, 1);

describe('an HTTP-date', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    ['Friday, 01-Jan-60 00:00:00 GMT', '2060-01-01T00:00:00Z'],
    ['Friday, 31-Dec-76 00:00:00 GMT', '2076-12-31T00:00:00Z'],
    ['Friday, 01-Jan-77 00:00:00 GMT', '1977-01-01T00:00:00Z'],
    ['Thu, 31 Dec 1998 23:59:60 GMT', '1999-01-01T00:00:00Z'],
    ['Thu, 29 Feb 2024 00:00:00 GMT', '2024-02-29T00:00:00Z'],
  ])('%s is %s (RFC 9110 §5.6.7)', (text, date) => {
    expect(parseHttpDate(text, wall)).toBe(Date.parse(date));
  });

  it.each([
    '',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 30 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'x Sun, 06 Nov 1994 08:49:37 GMT',
  ])('is not %j', (text) => {
    expect(parseHttpDate(text, wall)).toBeUndefined();
  });

  it('comes back from the text of any second', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseHttpDate(date.toUTCString(), wall)).toBe(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['Thu Jan  1 00:00:30 2026', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['99999999999999999999', 86_400_000],
    ['Fri, 01 Jan 2027 00:00:00 GMT', 86_400_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j asks for %s ms, never for more than a day', (field, time) => {
    expect(retryAfter(field, wall)).toBe(time);
  });
});

describe('a media type', () => {
  it.each([
    ['text/html; charset=utf-8', 'text/html'],
    ['Application/PDF', 'application/pdf'],
    [' image/svg+xml ;x', 'image/svg+xml'],
    ['text', undefined],
    ['text/', undefined],
    ['text/a b', undefined],
    ['text/html/x', undefined],
    ['text/html, text/plain', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %j is %s', (field, type) => {
    expect(mediaType(field)).toBe(type);
  });
});

describe('the name in Content-Disposition', () => {
  it.each([
    ['attachment; filename="a b.txt"', 'a b.txt'],
    ['inline;FILENAME=a.txt', 'a.txt'],
    ['attachment; filename="a.txt"; filename*=UTF-8\'\'%e2%82%ac.txt', '€.txt'],
    ['attachment; filename*=UTF-8\'en\'%e2%82%ac.txt; filename="a.txt"', '€.txt'],
    ["attachment; filename*=ISO-8859-1''%e4.txt", 'ä.txt'],
    ['attachment; filename*=koi8-r\'\'%e4.txt; filename="a.txt"', 'a.txt'],
    ['attachment; filename*=UTF-8\'\'%e4.txt; filename="a.txt"', 'a.txt'],
    ["attachment; filename*=UTF-8''100%2525.txt", '100%25.txt'],
    ['attachment; filename="a%20b.txt"', 'a b.txt'],
    ['attachment; filename="100%.txt"', '100%.txt'],
    ['attachment; filename="a\\"b.txt"', 'a"b.txt'],
    ['attachment; filename="\u00d1\u0084.txt"', 'ф.txt'],
    ['attachment; filename="ф.txt"', 'ф.txt'],
    ['attachment; filename="\u00e4.txt"', 'ä.txt'],
    ['filename=a.txt', undefined],
    ['attachment; filename=""', undefined],
    ['attachment; filename', undefined],
    ['attachment; filename="a', undefined],
    ['attachment', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j', (field, name) => {
    expect(dispositionName(field)).toBe(name);
  });

  it('is never a reason to throw', () => {
    const text = fc.oneof(
      fc.string({ unit: character }),
      fc.string().map((rest) => `attachment; filename${rest}`),
      fc.string().map((rest) => `x; filename*=UTF-8''%${rest}`),
    );
    fc.assert(
      fc.property(text, (field) => {
        expect(['string', 'undefined']).toContain(typeof dispositionName(field));
      }),
    );
  });
});

describe('a header that a user gives', () => {
  const invalid = (line: string): string => {
    try {
      parseHeader(line);
    } catch (error) {
      if (error instanceof HydrantError && error.code === 'OPTION_INVALID') return error.message;
      throw error;
    }
    throw new Error('it was taken');
  };

  it.each([
    ['X-Key: a b', { name: 'X-Key', value: 'a b' }],
    ['x:y:z', { name: 'x', value: 'y:z' }],
    ['Empty:', { name: 'Empty', value: '' }],
    ['T:\tä ', { name: 'T', value: 'ä' }],
  ])('may be %j', (line, header) => {
    expect(parseHeader(line)).toEqual(header);
  });

  it.each([
    ['', 'a header is written "Name: value"'],
    ['no colon', 'a header is written "Name: value"'],
    [': value', 'a header is written "Name: value"'],
    ['a b: c', '"a b" is not the name of a header'],
    ['ä: c', '"ä" is not the name of a header'],
    ['X: a\r\nEvil: b', 'the value of the header X has a character'],
    ['X\r\nEvil: b', 'is not the name of a header'],
    ['X: a\0', 'the value of the header X has a character'],
    ['X: €', 'the value of the header X has a character'],
    ['Range: bytes=0-1', 'the header Range cannot be set: use the option range'],
    ['accept-encoding: gzip', 'the header accept-encoding cannot be set: files are always asked for uncoded'],
    ['Content-Length: 5', 'the header Content-Length cannot be set: it belongs to the connection'],
  ])('is not %j', (line, message) => {
    expect(invalid(line)).toContain(message);
    expect(invalid(line)).not.toMatch(/[\r\n]/);
  });

  it('is a token and printable text, whatever was given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: character }),
          fc.string({ unit: character }).map((value) => `X:${value}`),
        ),
        (line) => {
          try {
            const { name, value } = parseHeader(line);
            expect(name).toMatch(/^[!#-'*+\-.0-9A-Z^-z|~]+$/);
            expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          } catch (error) {
            if (!(error instanceof HydrantError)) throw error;
            expect(error.code).toBe('OPTION_INVALID');
          }
        },
      ),
    );
  });
});
