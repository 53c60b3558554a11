import { describe, expect, it } from 'vitest';

import { Client } from '../../src/client/client.ts';
import { fileSpecOf, layoutOf } from '../../src/client/file-spec.ts';

describe('a file to fetch', () => {
  it('needs an http URL for each of its volumes', () => {
    for (const volumes of [[], [[]], [[{ url: 'ftp://x/y' }]], [[{ url: 'example.org/x' }]]]) {
      expect(() => fileSpecOf({ volumes })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
    expect(() => fileSpecOf('example.org/x')).toThrow('https://example.org/x');
  });

  it('is never named with its secrets', () => {
    expect(() => fileSpecOf('ftp://me:secret@x/y')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }));
  });

  it('has no checksum of a part', () => {
    const volumes = [[{ url: 'http://x/' }]];
    expect(() => fileSpecOf({ volumes, range: '0-9', checksum: 'crc32c:00000000' })).toThrow(/whole file/);
  });

  it.each([
    [{ Range: 'bytes=0-1' }, 'the header Range cannot be set: use the option range'],
    [{ 'accept-encoding': 'gzip' }, 'the header accept-encoding cannot be set: files are always asked for uncoded'],
    [{ 'X A': '1' }, '"X A" is not the name of a header'],
    [{ cookie: 'a\r\nb: c' }, 'the value of the header cookie has a character that no header may have'],
  ])('is not asked for with the headers %j, wherever they stand', (headers, message) => {
    const refusal = expect.objectContaining({ code: 'OPTION_INVALID', message });
    const url = 'https://example.org/a';
    expect(() => fileSpecOf({ volumes: [[{ url }]], headers })).toThrow(refusal);
    expect(() => fileSpecOf({ volumes: [[{ url }, { url, headers }]] })).toThrow(refusal);
    expect(() => new Client({ headers })).toThrow(refusal);
  });

  it('is asked for with the headers of the client, the file and the source, the last winning', () => {
    const spec = { volumes: [[{ url: 'http://x/', headers: { A: 'source' } }, { url: 'http://y/' }]], headers: { a: 'file', B: 'file' } };
    const headers = layoutOf(spec, { a: 'client', C: 'client' })
      .flat()
      .map((source) => source.headers);
    expect(headers).toEqual([
      { a: 'source', b: 'file', c: 'client' },
      { a: 'file', b: 'file', c: 'client' },
    ]);
  });
});
