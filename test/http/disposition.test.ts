import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { dispositionField } from '../../src/http/disposition.ts';
import { dispositionName } from '../../src/http/headers.ts';
import { character } from './characters.ts';

describe('a Content-Disposition field', () => {
  it.each([
    ['movie.mp4', 'inline; filename="movie.mp4"'],
    ["it's; a, name=(1).txt", 'inline; filename="it\'s; a, name=(1).txt"'],
    ['100%.txt', 'inline; filename="100%.txt"'],
    ['', 'inline; filename=""'],
    ['€ rates.txt', 'inline; filename="_ rates.txt"; filename*=UTF-8\'\'%E2%82%AC%20rates.txt'],
    ['电影.mp4', 'inline; filename="__.mp4"; filename*=UTF-8\'\'%E7%94%B5%E5%BD%B1.mp4'],
    ['😀.txt', 'inline; filename="_.txt"; filename*=UTF-8\'\'%F0%9F%98%80.txt'],
    ['a"b\\c.txt', 'inline; filename="a_b_c.txt"; filename*=UTF-8\'\'a%22b%5Cc.txt'],
    ['a\r\nb', 'inline; filename="a__b"; filename*=UTF-8\'\'a%0D%0Ab'],
    ['50%20.txt', 'inline; filename="50_20.txt"; filename*=UTF-8\'\'50%2520.txt'],
    ["é'(*).txt", "inline; filename=\"_'(*).txt\"; filename*=UTF-8''%C3%A9%27%28%2A%29.txt"],
    ['\u017f\u212a', 'inline; filename="__"; filename*=UTF-8\'\'%C5%BF%E2%84%AA'],
    ['\ud800', 'inline; filename="_"; filename*=UTF-8\'\'%EF%BF%BD'],
  ])('for %j is %s (RFC 6266, RFC 8187)', (name, field) => {
    expect(dispositionField('inline', name)).toBe(field);
    expect(dispositionField('attachment', name)).toBe(field.replace('inline', 'attachment'));
  });

  it('gives any name back, and is ASCII without controls', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(character, fc.constantFrom('%', '2', '"', '\\', ';')) }), (name) => {
        const field = dispositionField('attachment', name);
        expect(field).toMatch(/^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"(; filename\*=UTF-8''[!#$&+.^_`|~0-9A-Za-z%-]+)?$/);
        expect(dispositionName(field) ?? '').toBe(Buffer.from(name).toString());
      }),
      { numRuns: 1000 },
    );
  });
});
