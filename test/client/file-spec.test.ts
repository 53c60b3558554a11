import { describe, expect, it } from 'vitest';

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
