import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../../src/core/errors.ts';
import { parseCurl } from '../../../src/server/imports/curl.ts';

const one = (text: string) => parseCurl(text).tasks[0];

describe('a curl command', () => {
  it('as browsers copy it for a POSIX shell is a task', () => {
    const text = String.raw`curl 'https://a.example/f.mp4?x=1&y=2' \
  -H 'accept: */*' \
  -H $'x-note: it\'s \u00e9 \xc3\xa9' \
  -H 'Range: bytes=0-' \
  -H 'if-none-match: "x"' \
  -b 'a=1; b=2' \
  -A "Mozilla/5.0 (\"X\")" -e 'https://a.example/;auto' \
  --compressed --insecure -x http://proxy:1`;
    expect(parseCurl(text)).toEqual({
      tasks: [
        {
          volumes: [['https://a.example/f.mp4?x=1&y=2']],
          headers: {
            accept: '*/*',
            'x-note': "it's é é",
            Cookie: 'a=1; b=2',
            'User-Agent': 'Mozilla/5.0 ("X")',
            Referer: 'https://a.example/',
          },
        },
      ],
      skipped: 0,
      notes: [
        'line 4: the header Range is left out: the transfer decides on it',
        'line 5: the header if-none-match is left out: the transfer decides on it',
        "line 8: curl's option --insecure is left out",
        "line 8: curl's option -x is left out",
      ],
    });
  });

  it('as browsers copy it for cmd is a task', () => {
    const caret = '$ curl ^"https://a.example/f?x=1^&y=^%^20^" ^\r\n  -H ^"accept: ^\\^"q^\\^" it\'s $HOME^" ^\r\n  --compressed';
    expect(one(caret)).toEqual({ volumes: [['https://a.example/f?x=1&y=%20']], headers: { accept: '"q" it\'s $HOME' } });
    const plain = 'curl.exe "https://a.example/f?x=1&y=2" ^\n  -H "x: a^b \'c\'"';
    expect(one(plain)).toEqual({ volumes: [['https://a.example/f?x=1&y=2']], headers: { x: "a^b 'c'" } });
  });

  it('has a task per URL, named in their order, each with the headers of its request', () => {
    const text = 'curl -sSLo a/b.bin http://a/1 --url=x';
    expect(() => parseCurl(text)).toThrow(/--url=x/);
    expect(parseCurl('curl -sSLo a/b.bin http://a/1 b.example/2 -HX:y --limit-rate 2M ftp://c/ --next -- http://d/').tasks).toEqual([
      { volumes: [['http://a/1']], output_filename: 'b.bin', auto_filename: false, rate_limit_bps: 2_097_152, headers: { X: 'y' } },
      { volumes: [['http://b.example/2']], rate_limit_bps: 2_097_152, headers: { X: 'y' } },
      { volumes: [['http://d/']] },
    ]);
    expect(parseCurl('# all\ncurl http://a/ ;\n/usr/bin/curl http://b/ &\ncurl ftp://c/').skipped).toBe(1);
  });

  it('says who asks', () => {
    expect(one('curl -u user:pass http://a/')?.headers).toEqual({ Authorization: 'Basic dXNlcjpwYXNz' });
    expect(one('curl -uuser http://a/')?.headers).toEqual({ Authorization: 'Basic dXNlcjo=' });
    expect(one('curl --oauth2-bearer t -H Accept: -H "X-Empty;" -XGET http://a/')?.headers).toEqual({
      Authorization: 'Bearer t',
      'X-Empty': '',
    });
    expect(one('curl -b a=1 -b b=2 -b file -H @file -H __proto__:x http://a/')?.headers).toEqual(
      Object.fromEntries([
        ['Cookie', 'a=1; b=2'],
        ['__proto__', 'x'],
      ]),
    );
    expect(one('curl -o /dev/null "http://[::1]:8/"')).toEqual({ volumes: [['http://[::1]:8/']] });
    expect(one('curl -g "http://a/[1].mkv"')).toEqual({ volumes: [['http://a/[1].mkv']] });
  });

  it.each([
    ['wget http://a/', 'line 1: "wget" is no curl command'],
    ['curl http://a/?x=1&y=2', 'line 1: "y=2" is no curl command: a URL with & in it needs quotes'],
    ['curl', 'line 1: this curl command has no URL'],
    ['curl \\\n -H', "line 2: curl's option -H needs a value"],
    ["curl 'http://a/", "line 1: a quote ' has no end"],
    ['curl \\\n "http://a/', 'line 2: a quote " has no end'],
    ["curl $'a\\", "line 1: a quote $' has no end"],
    ['curl "http://a/$x"', "line 1: a shell would put something in place of $; quote it with '…'"],
    ['curl `x`', "line 1: a shell would put something in place of `; quote it with '…'"],
    ['curl http://a/ > f', 'line 1: > is for a shell; give the curl command alone'],
    ['curl --headr x http://a/', 'line 1: curl\'s option "--headr" is not known here (did you mean header?)'],
    ["curl http://a/ \\\n --data-raw '{}'", "line 2: curl's option --data-raw sends something; a task only fetches"],
    ['curl -X POST http://a/', 'line 1: a task fetches with GET, not with "POST"'],
    ['curl -H nothing http://a/', 'line 1: a header is written "Name: value"; "nothing" is not'],
    ['curl -H "a b: c" http://a/', 'line 1: "a b" is not the name of a header'],
    ["curl -H $'a: b\\nc: d' http://a/", 'line 1: the value of the header a has a character that no header may have'],
    ['curl http://a/{x,y}', 'line 1: "http://a/{x,y}" stands for several URLs; write them out, or add --globoff'],
    ['curl http://a:b:c/', 'line 1: "http://a:b:c/" is no URL'],
    ['curl --limit-rate fast http://a/', 'line 1: --limit-rate is a size such as 2M, not "fast"'],
    ['curl ftp://a/', 'line 1: there is no http or https URL from here on'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parseCurl(text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('shows no secret where it is refused', () => {
    expect(() => parseCurl("curl 'https://u:geheim@a/[1]?token=geheim'")).toThrow(/^(?!.*geheim).*several URLs/);
  });

  it('of any text is tasks or OPTION_INVALID', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '\\',
      '\n',
      '^',
      '^"',
      '$',
      "$'",
      '\\x',
      '\\u',
      ' ',
      ';',
      '#',
      '-',
      '-H',
      ' -H ',
      'a: b',
      'http://a/',
      '&',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), piece)), (parts) => {
        try {
          for (const { volumes } of parseCurl(`curl ${parts.join('')}`).tasks) expect(volumes?.[0]?.[0]).toMatch(/^https?:/i);
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
          expect(String(error)).not.toContain('\n');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is read in time that grows with its length', () => {
    const long = `curl 'http://a/' -H "x: ${'y'.repeat(1_000_000)}" ${'#'.repeat(1_000_000)}`;
    expect(one(long)?.headers?.x?.length).toBe(1_000_000);
  });
});
