import { describe, expect, it } from 'vitest';

import { readInput } from '../../src/cli/input-file.ts';
import { planFiles, type Wishes } from '../../src/cli/plan.ts';
import { requestHeaders } from '../../src/cli/request-headers.ts';
import type { FileSpec } from '../../src/client/file-spec.ts';
import { defaultsOf, optionTable } from '../../src/core/options.ts';

const plan = (args: readonly string[], list = '', wishes: Partial<Wishes> = {}): readonly FileSpec[] =>
  planFiles(args, readInput(list, 'urls.txt'), { ...defaultsOf(optionTable), ...wishes }, 'urls.txt');

const urls = (files: readonly FileSpec[]): unknown => files.map(({ volumes }) => volumes.map((mirrors) => mirrors.map(({ url }) => url)));

describe('URLs', () => {
  it('are a file each, arguments first', () => {
    expect(urls(plan(['http://a/', 'http://b/'], 'http://c/\thttp://d/\n'))).toEqual([
      [['http://a/']],
      [['http://b/']],
      [['http://c/', 'http://d/']],
    ]);
  });

  it('are the mirrors of one file with --mirrors', () => {
    expect(urls(plan(['http://a/', 'http://b/'], 'http://c/\n', { mirrors: true }))).toEqual([[['http://a/', 'http://b/', 'http://c/']]]);
  });

  it('are the volumes of one file with --volumes, mirrors of a volume in one argument', () => {
    expect(urls(plan(['http://a/1 http://b/1', 'http://a/2'], 'http://a/3\thttp://b/3\n', { volumes: true }))).toEqual([
      [['http://a/1', 'http://b/1'], ['http://a/2'], ['http://a/3', 'http://b/3']],
    ]);
  });

  it.each<[readonly string[], string, Partial<Wishes>, string]>([
    [['not a url'], '', {}, '"not a url" is no http or https URL'],
    [['example.org/f'], '', {}, '"example.org/f" is no http or https URL; write https://example.org/f'],
    [['ftp://a/'], '', {}, '"ftp://a/" is no http or https URL: ftp is not known'],
    [['http://'], '', {}, '"http://" is no URL that can be read: its host or port is not valid'],
    [['disk.meta4'], '', {}, '"disk.meta4" is a Metalink, and Metalink is not available yet: give the URLs in it'],
    [
      ['http://a/1', 'http://b/x.METALINK?a=1#b'],
      '',
      { mirrors: true },
      '"http://b/x.METALINK?a=1" is a Metalink, and Metalink is not available yet: give the URLs in it',
    ],
    [['http://me:secret@[/'], '', {}, '"http://***@[/" is no URL that can be read: its host or port is not valid'],
    [[], 'http://a/\nnope\n', {}, 'urls.txt:2: "nope" is no http or https URL'],
    [
      ['http://a/', 'http://b/'],
      '',
      { checksum: 'md5:00' },
      '--checksum belongs to one file and 2 are asked for: write checksum= lines in an input file',
    ],
    [
      ['http://a/'],
      'http://b/\n checksum=md5:00\n',
      { volumes: true },
      'urls.txt:1: checksum belongs to one volume: give the checksum of the whole with --checksum',
    ],
    [
      ['http://a/'],
      '',
      { volumes: true, mirrors: true },
      '--mirrors and --volumes exclude each other: put the mirrors of a volume into one argument, with blanks between them',
    ],
  ])('%j with %j and %j are refused', (args, list, wishes, message) => {
    expect(() => plan(args, list, wishes)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('are asked for with the fields of the options, and over them their own', () => {
    const list = 'http://a/\n header=X-A: 2\n referer=http://r/\nhttp://b/\n';
    const files = plan([], list, { header: ['X-A: 1', 'X-B: 1'], userAgent: 'me' });
    expect(files.map(({ volumes }) => volumes[0]?.[0]?.headers)).toEqual([
      { 'x-a': '2', 'x-b': '1', 'user-agent': 'me', referer: 'http://r/' },
      { 'x-a': '1', 'x-b': '1', 'user-agent': 'me' },
    ]);
  });

  it('keep their names, checksums and ranges', () => {
    expect(plan(['http://a/'], '', { checksum: 'md5:00', range: '0-9' })).toEqual([
      { volumes: [[{ url: 'http://a/' }]], checksum: 'md5:00', range: '0-9' },
    ]);
    expect(plan([], 'http://a/\n out=x\n checksum=md5:11\n')).toEqual([
      { volumes: [[{ url: 'http://a/' }]], out: 'x', checksum: 'md5:11' },
    ]);
  });
});

describe('request fields', () => {
  it('say who asks', () => {
    expect(requestHeaders({ user: 'me:pass:word' })).toEqual({ authorization: `Basic ${btoa('me:pass:word')}` });
    expect(requestHeaders({ bearer: 'abc', cookie: 'a=1', referer: 'http://r/' })).toEqual({
      authorization: 'Bearer abc',
      cookie: 'a=1',
      referer: 'http://r/',
    });
  });

  it('that are given twice are joined', () => {
    expect(requestHeaders({ header: ['A: 1', 'a: 2', 'Cookie: x=1', 'cookie: y=2'] })).toEqual({ a: '1, 2', cookie: 'x=1; y=2' });
  });

  it.each([
    [{ user: 'a:b', bearer: 'c' }, '--user and --bearer exclude each other'],
    [{ user: 'me' }, '--user is USER:PASSWORD; an empty password is written USER:'],
  ])('%j are refused', (said, message) => {
    expect(() => requestHeaders(said)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });
});
