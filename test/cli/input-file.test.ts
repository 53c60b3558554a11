import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { linksIn, validLinks } from '../../src/cli/hs-links.ts';
import { readInput } from '../../src/cli/input-file.ts';
import { HydrantError } from '../../src/core/errors.ts';

describe('an input list', () => {
  it('names a file per line, its mirrors between tabs, and its own settings below', () => {
    const text = [
      '\uFEFF# a comment',
      'http://a/1\thttp://b/1',
      '  out=first.bin',
      '\tchecksum=sha256:00ff',
      '  # another',
      '  header=Accept: text/plain',
      '  referer=http://r/',
      '',
      'http://a/2\r',
    ].join('\n');
    expect(readInput(text, 'urls.txt')).toEqual([
      {
        line: 2,
        urls: ['http://a/1', 'http://b/1'],
        out: 'first.bin',
        checksum: 'sha256:00ff',
        headers: ['Accept: text/plain', 'Referer: http://r/'],
      },
      { line: 9, urls: ['http://a/2'], headers: [] },
    ]);
  });

  it('may write a checksum as aria2 does', () => {
    expect(readInput('http://a/\n checksum=sha-256=00FF\n', 'u')[0]?.checksum).toBe('sha256:00FF');
    expect(readInput('http://a/\n checksum=md5=00ff\n', 'u')[0]?.checksum).toBe('md5:00ff');
  });

  it.each([
    [' out=x\nhttp://a/\n', 'u:1: "out=x" belongs to no URL: URLs begin at the start of a line'],
    ['http://a/\n\n nothing\n', 'u:3: "nothing" is no key=value line'],
    ['http://a/\n out=\n', 'u:2: out= has no value'],
    ['http://a/\n otu=x\n', 'u:2: there is no key "otu" (did you mean out?); known are out, checksum, header, referer'],
    ['http://a/\n checksum=zz\n', 'u:2: checksum is ALGO:HEX or ALGO-BASE64, such as sha256:9f86…, not "zz"'],
    ['http://a/\n header=zz\n', 'u:2: header is a field such as "Accept-Language: en", not "zz"'],
  ])('%j is refused with the number of its line', (text, message) => {
    expect(() => readInput(text, 'u')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('of any text is entries with URLs or OPTION_INVALID', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('http://a/', ' out=b', '\t#', 'x\ty'))), (lines) => {
        try {
          for (const entry of readInput(lines.join('\n'), 'u')) expect(entry.urls.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
        }
      }),
    );
  });
});

describe('a list of hs', () => {
  it('holds the first word of every line that is no comment', () => {
    expect(linksIn('# c\n\n  http://a/ and words\n\thttp://b/\r\n#http://c/\n')).toEqual(['http://a/', 'http://b/']);
  });

  it('loses what is no URL, with a warning each, and what comes again', () => {
    const warnings: string[] = [];
    const links = validLinks(['http://a/', 'nope', 'ftp://b/', 'http://a/', ' http://c/', 'nope'], (warning) => warnings.push(warning));
    expect(links).toEqual(['http://a/', 'http://c/']);
    expect(warnings).toEqual(['"nope" is no http or https URL; skipped', '"ftp://b/" is no http or https URL: ftp is not known; skipped']);
  });
});
