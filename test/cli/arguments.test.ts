import { describe, expect, it } from 'vitest';

import { type Arguments, readArguments } from '../../src/cli/arguments.ts';
import { inFull } from '../../src/cli/hs-options.ts';
import type { OptionRow } from '../../src/core/option-row.ts';
import { optionTable } from '../../src/core/options.ts';

const get = (...argv: readonly string[]): Arguments<typeof optionTable> =>
  readArguments({ program: 'hydrant get', table: optionTable, takes: (row: OptionRow) => row.on.includes('get') }, argv);

describe('a command line', () => {
  it('has its options and its URLs in any order', () => {
    expect(get('http://a/', '-c', '16', '--limit=2M', 'http://b/', '-qv')).toMatchObject({
      positionals: ['http://a/', 'http://b/'],
      values: { connections: 16, limit: 2 * 1024 * 1024, quiet: true, verbose: true },
    });
  });

  it('says nothing of what is not on it', () => {
    expect(get('http://a/').values).toEqual({});
  });

  it('takes values that look like flags', () => {
    expect(get('-r', '-500', '-o', '-', '-c4').values).toEqual({ range: '-500', output: '-', connections: 4 });
  });

  it('gathers what may come several times, and of the rest takes the last', () => {
    expect(get('-H', 'A: 1', '-H', 'B: 2', '-j', '1', '-j', '2').values).toEqual({ header: ['A: 1', 'B: 2'], jobs: 2 });
  });

  it('can take every flag back', () => {
    expect(get('--no-continue', '--quiet', '--no-quiet', '--no-netrc').values).toEqual({ continue: false, quiet: false, netrc: false });
  });

  it('does not take a URL for the descriptor of --json', () => {
    expect(get('--json', 'http://a/')).toMatchObject({ values: { json: 2 }, positionals: ['http://a/'] });
    expect(get('--json=3').values).toEqual({ json: 3 });
  });

  it('has only URLs after --', () => {
    expect(get('--', '--quiet', '-x')).toMatchObject({ values: {}, positionals: ['--quiet', '-x'] });
  });

  it('asks for help or the version', () => {
    expect(get('-h')).toMatchObject({ help: true, version: false });
    expect(get('--version')).toMatchObject({ help: false, version: true });
  });

  it.each([
    [['--conections', '3'], 'there is no option --conections (did you mean --connections?)'],
    [['--no-continu'], 'there is no option --no-continu (did you mean --no-continue?)'],
    [['--frobnicate'], 'there is no option --frobnicate; hydrant get --help lists them'],
    [['-Z'], 'there is no option -Z; hydrant get --help lists them'],
    [['--no-output'], 'there is no option --no-output (did you mean --output?)'],
    [['--force'], '--force is no option of hydrant get, only of cat'],
    [['-o'], '--output needs PATH'],
    [['--connections='], '--connections is a whole number or auto, not ""'],
    [['--no-continue=1'], '--no-continue takes no value'],
    [['--quiet=perhaps'], '--quiet is true or false, not "perhaps"'],
  ])('with %j is refused in one line', (argv, message) => {
    expect(() => get(...argv)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
  });
});

describe('the two-letter names of hs', () => {
  it.each([
    [
      ['-th', 'sha256', '-nu', 'http://a/'],
      ['--typehash', 'sha256', '--no-ui', 'http://a/'],
    ],
    [['-th=sha256'], ['--typehash=sha256']],
    [
      ['-o', '-nu', '-nu'],
      ['-o', '-nu', '--no-ui'],
    ],
    [
      ['--output', '-th', 'x'],
      ['--output', '-th', 'x'],
    ],
    [
      ['-o', '-o', '-nu'],
      ['-o', '-o', '--no-ui'],
    ],
    [
      ['--', '-nu'],
      ['--', '-nu'],
    ],
    [['-thx'], ['-thx']],
  ])('are written in full where they are names: %j', (argv, full) => {
    expect(inFull(argv)).toEqual(full);
  });
});
