import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../../src/core/errors.ts';
import { importKind, importTasks } from '../../../src/server/imports/import.ts';
import { parseTask } from '../../../src/server/task-schema.ts';

const invalid = (message: string | RegExp) => expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(message) });
const metalink = (inside: string): string => `\uFEFF <metalink xmlns="urn:ietf:params:xml:ns:metalink">${inside}</metalink>`;

describe('what an import is', () => {
  it.each([
    ['[]', 'json'],
    ['\uFEFF\n {"url": "http://a/"}', 'json'],
    ['<?xml version="1.0"?>', 'metalink'],
    ["curl 'http://a/'", 'curl'],
    ['# from the browser\n$ curl http://a/', 'curl'],
    ['curl.exe http://a/', 'curl'],
    ['http://a/\thttp://b/', 'aria2'],
    ['http://a/\n  out=x', 'aria2'],
    ['http://a/\nhttp://b/', 'urls'],
    ['http://a/?x=1', 'urls'],
    ['curly', 'urls'],
  ])('%j is %s', (text, kind) => {
    expect(importKind(text)).toBe(kind);
  });
});

describe('an import', () => {
  it('of JSON is one task, several, or a state file with its settings', () => {
    const task = { volumes: [['http://a/']], name: 'x' };
    const import_ = (value: unknown) => importTasks(JSON.stringify(value));
    expect(import_(task)).toEqual({ kind: 'json', tasks: [task], skipped: 0, notes: [] });
    expect(import_({ task_id: 'abc123', config: task }).tasks).toEqual([task]);
    expect(import_([task, { config: task }]).tasks).toEqual([task, task]);
    const state = { settings: { dns: null }, tasks: [{ id: 'abc123', config: task, created_at: 1, paused: true }], downloads: [] };
    expect(import_(state)).toEqual({ kind: 'json', tasks: [task], settings: { dns: null }, beside: state.tasks, skipped: 0, notes: [] });
    expect(import_({ settings: { dns: null }, tasks: [] }).tasks).toEqual([]);
  });

  it.each([
    ['', /^line 1: there is nothing/],
    ['{"a":\n"secret"', /^line 2: this is not valid JSON$/],
    ['[1]', /^task 1: is no object/],
    ['[{}, null]', /^task 2: is no object/],
    ['{"config": 3}', /^task 1: is no object/],
    ['[]', /^line 1: there is no task/],
    ['{"tasks": []}', /^line 1: there is no task/],
    ['nothing', /^line 1: there is no http or https URL/],
    [metalink('<file name="a"><url>ftp://a/</url></file>'), /has no http or https URL/],
    ['http://a/\n otu=x', /^line 2: aria2 has no option "otu" \(did you mean out\?\)/],
  ])('of %j is refused', (text, message) => {
    expect(() => importTasks(text)).toThrow(invalid(message));
  });

  it('of a list has a volume per block of lines, and counts what is no URL', () => {
    const text = '\uFEFF\r\nhttp://a/1\r\n http://b/1 \r\nmagnet:?x\r\n\r\n\r\nhttps://a/2\r\n# c\r\n\r\nnope';
    expect(importTasks(text)).toEqual({
      kind: 'urls',
      tasks: [{ volumes: [['http://a/1', 'http://b/1'], ['https://a/2']] }],
      skipped: 3,
      notes: [],
    });
  });

  it('of a list may be said to be one of aria2', () => {
    expect(importTasks('http://a/\nhttp://b/', 'aria2').tasks).toEqual([{ volumes: [['http://a/']] }, { volumes: [['http://b/']] }]);
  });

  it('of a Metalink has a task per file that has a URL', () => {
    const hash = `<hash type="md5">${'0'.repeat(32)}</hash>`;
    const text = metalink(
      `<file name="../a.iso">${hash}<url priority="2">http://b/</url><url priority="1">http://a/</url></file><file name="t"><url>ftp://t/</url></file>`,
    );
    expect(importTasks(text)).toEqual({
      kind: 'metalink',
      tasks: [{ volumes: [['http://a/', 'http://b/']], output_filename: 'a.iso', auto_filename: false }],
      skipped: 1,
      notes: ['the checksums of "a.iso" are left out: a task has none'],
    });
  });

  it('of an aria2 input file has a task per file with its mirrors and settings', () => {
    const text = [
      'http://a/1\tftp://b/1\thttp://c/1',
      '  out=dir/../one.bin',
      '  header=X-A: 1',
      '  header=X-A: 2',
      '  header=Range: bytes=0-1',
      '  referer=http://r/',
      '  user-agent=me',
      '  checksum=sha-256=00ff',
      '  split=200',
      '  max-connection-per-server=3',
      '  max-download-limit=1M',
      '  http-passwd=p',
      '  http-user=u',
      '  gid=0123',
      'magnet:?xt=1',
      ' dir=/tmp',
    ].join('\n');
    expect(importTasks(text)).toEqual({
      kind: 'aria2',
      tasks: [
        {
          volumes: [['http://a/1', 'http://c/1']],
          output_filename: 'one.bin',
          auto_filename: false,
          max_threads: 128,
          max_per_volume: 3,
          rate_limit_bps: 1_048_576,
          headers: { 'X-A': '1, 2', Referer: 'http://r/', 'User-Agent': 'me', Authorization: 'Basic dTpw' },
        },
      ],
      skipped: 2,
      notes: [
        'line 5: the header Range is left out: the transfer decides on it',
        'line 8: the checksum is left out: a task has none',
        'line 14: gid is left out',
        'line 16: dir is left out',
      ],
    });
  });

  it.each([
    [' out=x', /^line 1: "out=x" belongs to no URL/],
    ['http://a/\n out=', /^line 2: out= has no value/],
    ['http://a/\n nothing', /^line 2: "nothing" is no key=value line/],
    ['http://a/\n header=zz', /^line 2: a header is written/],
    ['http://a/\n referer=http://\u0001/', /^line 2: the value of the header Referer/],
    ['http://a/\n split=0', /^line 2: split is a whole number/],
    ['http://a/\n max-download-limit=x', /^line 2: max-download-limit is a size/],
    ['http://a/\n checksum=zz', /^line 2: checksum is ALGORITHM=HEX/],
    ['example.org/x', /^line 1: "example.org\/x" is no URL/],
    ['ftp://a/', /^line 1: there is no http or https URL/],
  ])('of an aria2 input file refuses %j with the number of its line', (text, message) => {
    expect(() => importTasks(text, 'aria2')).toThrow(invalid(message));
  });

  it.each([
    'http://a/\n\nhttp://b/',
    'http://a/\n split=200\n max-download-limit=1M\n header=X: y\n out=a/b',
    "curl 'http://a/' -H 'range: bytes=0-' -H 'accept-encoding: gzip' -H 'host: b' -b a=1 -o x",
    metalink('<file name="a"><url>http://a/</url></file>'),
    '{"tasks":[{"config":{"volumes":[["http://a/"]]}}]}',
  ])('of %j gives tasks that the server takes', (text) => {
    for (const task of importTasks(text).tasks) expect(parseTask(task).config.volumes.flat().length).toBeGreaterThan(0);
  });

  it('of any text is tasks or OPTION_INVALID in one line', () => {
    const piece = fc.constantFrom(
      'http://a/',
      '\t',
      '\n',
      ' out=',
      ' header=a: b',
      '{',
      '[',
      '"',
      '<',
      'curl ',
      '<file name="a">',
      '\r',
      ':',
      '#',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), piece)), (parts) => {
        try {
          importTasks(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
          expect(String(error)).not.toContain('\n');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
