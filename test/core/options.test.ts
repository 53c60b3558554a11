import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { didYouMean, nearest } from '../../src/core/nearest.ts';
import type { OptionRow } from '../../src/core/option-row.ts';
import { fromText, fromToml } from '../../src/core/option-value.ts';
import { defaultsOf, environmentNameOf, keyOf, layered, type OptionName, optionTable, rowsOf } from '../../src/core/options.ts';

const row = (name: OptionName): OptionRow => optionTable[name];
const read = (name: OptionName, text: string): unknown => fromText(row(name), text, `--${keyOf(name)}`);

describe('the option table', () => {
  const rows = rowsOf(optionTable);

  it('gives every option a name of its own as flag, key, environment name and short flag', () => {
    const unique = (names: readonly string[]): void => expect(new Set(names).size).toBe(names.length);
    unique(rows.map(([name]) => keyOf(name)));
    unique(rows.map(([name]) => environmentNameOf(name)));
    unique(rows.flatMap(([, { short }]) => (short === undefined ? [] : [short])).concat('h', 'V'));
    expect([keyOf('perOrigin'), environmentNameOf('perOrigin')]).toEqual(['per-origin', 'HYDRANT_PER_ORIGIN']);
  });

  it('has no flag that is another one negated', () => {
    const keys = new Set(rows.map(([name]) => keyOf(name)));
    expect([...keys].filter((key) => key.startsWith('no-'))).toEqual([]);
  });

  it('has defaults that its own rows take', () => {
    for (const [name, { kind, default: value, ...rest }] of rows) {
      if (value === undefined || rest.later === true) continue;
      const written = kind === 'duration' ? `${String(value)}ms` : value;
      expect(fromToml(row(name), written, name), name).toEqual(value);
      if (kind === 'choice') expect(rest.choices).toContain(value);
    }
  });

  it('says of everything that takes a value what it is called', () => {
    for (const [name, { kind, value }] of rows) expect(value !== undefined, name).toBe(kind !== 'flag');
  });
});

describe('a value', () => {
  it.each<[OptionName, string, unknown]>([
    ['connections', '16', 16],
    ['connections', 'auto', undefined],
    ['lease', '2M', 2 * 1024 * 1024],
    ['limit', '2.5M', 2.5 * 1024 * 1024],
    ['limit', 'off', undefined],
    ['stallTimeout', '1500ms', 1500],
    ['retryTimeout', '5m', 300_000],
    ['ifExists', 'rename', 'rename'],
    ['quiet', 'yes', true],
    ['quiet', '0', false],
    ['range', '0-0', '0-0'],
    ['range', '10-', '10-'],
    ['range', '-500', '-500'],
    ['header', 'Accept: text/plain', ['Accept: text/plain']],
    ['checksum', 'sha3-256:00ff', 'sha3-256:00ff'],
    ['checksum', 'sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=', 'sha256-n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='],
    ['verify', 'no', false],
    ['netrc', 'no', false],
  ])('%s %j is %j', (name, text, value) => {
    expect(read(name, text)).toEqual(value);
  });

  it.each<[OptionName, string, string]>([
    ['connections', '0', '--connections is from 1 to 128, not 0'],
    ['connections', '129', '--connections is from 1 to 128, not 129'],
    ['connections', 'many', '--connections is a whole number or auto, not "many"'],
    ['jobs', '1.5', '--jobs is a whole number, not "1.5"'],
    ['buffer', '1K', '--buffer is at least 1048576, not 1024'],
    ['limit', 'fast', '--limit: "fast" is not a rate: write bytes per second such as 2.5M, or off'],
    ['ifExists', 'ask', '--if-exists is one of resume, skip, overwrite, rename, fail, not "ask"'],
    ['range', '5-2', '--range ends before it begins: "5-2"'],
    ['range', '-0', '--range is A-B, A- or -N, not "-0"'],
    ['range', 'all', '--range is A-B, A- or -N, not "all"'],
    ['header', 'nonsense', '--header is a field such as "Accept-Language: en", not "nonsense"'],
    ['header', 'A: b\r\nC: d', '--header is a field such as "Accept-Language: en", not "A: b\\r\\nC: d"'],
    ['checksum', '9f86', '--checksum is ALGO:HEX or ALGO-BASE64, such as sha256:9f86…, not "9f86"'],
    ['proxy', 'http://127.0.0.1:1', '--proxy is not available yet'],
    ['browser', 'chrome120', '--browser is not available yet'],
    ['cookies', 'jar.txt', '--cookies is not available yet'],
    ['netrc', 'yes', '--netrc is not available yet'],
    ['requireDigest', 'yes', '--require-digest is not available yet'],
    ['userAgent', '', '--user-agent needs TEXT'],
  ])('%s %j is refused in one line that says what to do', (name, text, message) => {
    expect(() => read(name, text)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it.each<[OptionName, unknown, unknown]>([
    ['connections', 4n, 4],
    ['buffer', '32M', 32 * 1024 * 1024],
    ['limit', 1000n, 1000],
    ['header', ['A: b', 'C: d'], ['A: b', 'C: d']],
    ['stallTimeout', 10n, 10_000],
    ['json', true, 2],
    ['json', 3n, 3],
    ['json', false, undefined],
  ])('%s is taken from TOML as %o', (name, given, value) => {
    expect(fromToml(row(name), given, name)).toEqual(value);
  });

  it.each<[OptionName, unknown, string]>([
    ['connections', 'many', 'here is a whole number or auto, not "many"'],
    ['connections', true, 'here is a whole number or auto, not boolean true'],
    ['quiet', 'yes', 'here is true or false, not "yes"'],
    ['output', 3n, 'here is text, not bigint 3'],
    ['stallTimeout', true, 'here is a time such as "10s", not boolean true'],
    ['header', [1n], 'here is an array of text, not an array'],
    ['limit', {}, 'here is a rate such as "2.5M", not a table'],
  ])('%s of the wrong type in TOML is refused: %o', (name, given, message) => {
    expect(() => fromToml(row(name), given, 'here')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });

  it('of any text is a value or OPTION_INVALID in one line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rowsOf(optionTable)), fc.string({ unit: 'binary' }), ([name, one], text) => {
        try {
          fromText(one, text, name);
        } catch (error) {
          expect(error).toBeInstanceOf(HydrantError);
          expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.not.stringMatching(/[\r\n]/) });
        }
      }),
    );
  });
});

describe('layers', () => {
  it('count the later they come, and what none says is the default', () => {
    const options = layered(optionTable, { jobs: 2, limit: 100, header: ['A: 1'] }, { jobs: 3, header: ['B: 2'] }, { limit: undefined });
    expect(options).toMatchObject({ jobs: 3, limit: undefined, header: ['B: 2'], perOrigin: defaultsOf(optionTable).perOrigin });
  });
});

describe('the nearest word', () => {
  const words = ['connections', 'connect-timeout', 'limit', 'limit-per-file', 'jobs', 'json'];

  it.each([
    ['conections', 'connections'],
    ['Connections', 'connections'],
    ['limti', 'limit'],
    ['jons', 'jobs'],
    ['limit-per', 'limit-per-file'],
    ['xyzzy', undefined],
    ['', undefined],
  ])('to %j is %j', (word, near) => {
    expect(nearest(word, words)).toBe(near);
  });

  it('is asked back as the user would write it', () => {
    expect(didYouMean('jsn', words, (word) => `--${word}`)).toBe(' (did you mean --json?)');
    expect(didYouMean('xyzzy', words)).toBe('');
  });

  it('to a word with one slip in it is that word', () => {
    fc.assert(
      fc.property(fc.constantFrom('connections', 'connect-timeout', 'limit-per-file'), fc.nat(), (word, at) => {
        const place = at % (word.length - 1);
        const swapped = word.slice(0, place) + word[place + 1] + word[place] + word.slice(place + 2);
        expect(nearest(swapped, words)).toBe(word);
        expect(nearest(word.slice(0, place) + word.slice(place + 1), words)).toBe(word);
      }),
    );
  });
});
