import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { parseMetalink } from '../../src/http/metalink.ts';

const four = (inside: string, name = 'a.iso'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">\n<file name="${name}">${inside}</file>\n</metalink>`;
const three = (inside: string): string =>
  `<metalink version="3.0" xmlns="http://www.metalinker.org/"><files><file name="a.iso">${inside}</file></files></metalink>`;
const url = '<url>http://a/</url>';
const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const sha1 = 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709';

describe('a Metalink', () => {
  it('of version 4 says size, mirrors in their order, digests and pieces', () => {
    const text = four(`
      <size> 300 </size><identity>x</identity>
      <hash type="sha-1">${sha1}</hash><hash type="md5">${md5}</hash><hash type="whirlpool">zz</hash>
      <pieces length="200" type="sha-1"><hash>${sha1}</hash><hash>${'0'.repeat(40)}</hash></pieces>
      <url>http://last/</url>
      <url location="DE" priority="2">https://second/?a=1&amp;b=&#50;</url>
      <url priority="1"><![CDATA[http://first/?a&amp;b]]></url>
      <url priority="1">ftp://f/</url>
      <metaurl mediatype="torrent">http://t/</metaurl>`);
    expect(parseMetalink(text)).toEqual([
      {
        name: 'a.iso',
        length: 300,
        mirrors: [
          { url: 'http://first/?a&amp;b', priority: 1 },
          { url: 'https://second/?a=1&b=2', priority: 2, location: 'de' },
          { url: 'http://last/', priority: 999_999 },
        ],
        digests: [
          { algorithm: 'sha1', hex: sha1.toLowerCase() },
          { algorithm: 'md5', hex: md5 },
        ],
        pieces: { algorithm: 'sha1', length: 200, hashes: [sha1.toLowerCase(), '0'.repeat(40)] },
        dropped: 1,
      },
    ]);
  });

  it('of version 3 prefers what has the higher preference, and numbers its pieces', () => {
    const text = three(`
      <size>3</size>
      <verification><hash type="md5">${md5}</hash>
        <pieces length="2" type="md5"><hash piece="1">${md5.replace('d', 'e')}</hash><hash piece="0">${md5}</hash></pieces></verification>
      <resources>
        <url type="http" preference="10">http://b/</url><url type="http" preference="100" location="us">http://a/</url>
        <url>http://c/</url><url type="ftp">ftp://f/</url><url type="bittorrent">http://t/x.torrent</url>
      </resources>`);
    expect(parseMetalink(text)).toEqual([
      {
        name: 'a.iso',
        length: 3,
        mirrors: [
          { url: 'http://a/', priority: 1, location: 'us' },
          { url: 'http://b/', priority: 91 },
          { url: 'http://c/', priority: 999_999 },
        ],
        digests: [{ algorithm: 'md5', hex: md5 }],
        pieces: { algorithm: 'md5', length: 2, hashes: [md5, md5.replace('d', 'e')] },
        dropped: 1,
      },
    ]);
  });

  it('may put its elements behind a prefix, beside those of others', () => {
    const text = `<m:metalink xmlns:m="urn:ietf:params:xml:ns:metalink"><m:file name="a"><x:url>http://x/</x:url><m:url>http://a/</m:url></m:file></m:metalink>`;
    expect(parseMetalink(text)[0]?.mirrors.map((mirror) => mirror.url)).toEqual(['http://a/']);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['dir/file.bin', 'file.bin'],
    ['C:\\x\\con.txt', 'con_.txt'],
    ['..', 'download'],
    ['.profile', 'profile'],
    ['a&#47;b', 'b'],
    ['a&#10;b', 'a b'],
  ])('names a file %j safely', (name, safe) => {
    expect(parseMetalink(four(url, name))[0]?.name).toBe(safe);
  });

  it.each([
    ['', /cannot be read|not well-formed/],
    ['<metalink', /not well-formed: line 1/],
    ['<metalink>\n<file>\n</metalink>', /not well-formed: line \d/],
    ['<html/>', /is something else: its first element is "html"/],
    ['<metalink/>', /lists no file/],
    ['<metalink><files/></metalink>', /lists no file/],
    ['<!DOCTYPE m [<!ENTITY a "b">]><metalink/>', /has a DOCTYPE/],
    ['<metalink><file/></metalink>', /has a file without a name/],
    [four(`<size>-1</size>${url}`), /size of "a.iso" that is "-1"/],
    [four(`<size>1e3</size>${url}`), /size of "a.iso"/],
    [four('<url>nothing</url>'), /a URL of "a.iso" that is none/],
    [four('<url>http://a/ http://b/</url>'), /a URL of "a.iso" that is none/],
    [four('<url priority="0">http://a/</url>'), /priority of a URL/],
    [four(`<hash>${md5}</hash>`), /hash of "a.iso" without a type/],
    [four('<hash type="md5">zz</hash>'), /md5 hash of "a.iso" that is not 32/],
    [four(`<hash type="sha-1">${md5}</hash>`), /sha1 hash of "a.iso" that is not 40/],
    [four(`<size>3</size><pieces length="2" type="md5"><hash>${md5}</hash></pieces>`), /has 1 pieces of "a.iso", where its size makes 2/],
    [four(`<pieces length="0" type="md5"><hash>${md5}</hash></pieces>`), /length of the pieces/],
    [four('<pieces length="2" type="md5"></pieces>'), /not one after the other/],
    [three(`<verification><pieces length="2" type="md5"><hash piece="1">${md5}</hash></pieces></verification>`), /not one after the other/],
    [three('<resources><url preference="101">http://a/</url></resources>'), /preference of a URL/],
    [' '.repeat(5_000_000), /has more than/],
    ['<a>'.repeat(10_000), /the Metalink/],
  ])('%.60s is refused in one line', (text, message) => {
    expect(() => parseMetalink(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) }));
    expect(() => parseMetalink(text)).not.toThrow(/\n/);
  });

  it('of any text is files or OPTION_INVALID', () => {
    const piece = fc.constantFrom(
      ...[
        '<metalink>',
        '</metalink>',
        '<file name="a">',
        '</file>',
        '<url>',
        '</url>',
        'http://a/',
        '<__proto__>',
        '<constructor/>',
        '&amp;',
      ],
      ...[
        '<size>',
        '</size>',
        '9',
        '<hash type="md5">',
        '</hash>',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '<?x ?>',
        '<files>',
        '</files>',
        '&#x110000;',
      ],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), piece)), (parts) => {
        for (const text of [parts.join(''), four(parts.join(''))]) {
          try {
            for (const file of parseMetalink(text)) expect(file.name).not.toMatch(/[/\\]|^\.|^$/);
          } catch (error) {
            expect(error).toBeInstanceOf(HydrantError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
