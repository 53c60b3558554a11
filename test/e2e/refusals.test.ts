/** What a newcomer gets wrong, and what a machine lacks: one line that says what to do, and the code for it. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { contentOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { expectPlain } from './expect-plain.ts';
import { needs } from './needs.ts';
import { Desk, hs, hydrant } from './run.ts';

const file = { size: 1_000_000, seed: 4 };

describe('a command line that cannot be carried out', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['get without URL', ['get'], /URL/],
    ['cat without URL', ['cat'], /URL/],
    ['a misspelt option', ['get', 'http://127.0.0.1:1/a', '--conections', '3'], /--connections/],
    ['a misspelt command', ['gte', 'http://127.0.0.1:1/a'], /get/],
    ['a URL that is none', ['get', 'not a url'], /not a url/],
    ['a URL of a strange scheme', ['get', 'gopher://x.test/a'], /gopher|http/],
    ['a range that runs backwards', ['cat', 'http://127.0.0.1:1/a', '--range', '5-2'], /range/i],
    ['a range that is none', ['cat', 'http://127.0.0.1:1/a', '-r', 'all'], /range/i],
    ['a checksum that is too short', ['get', 'http://127.0.0.1:1/a', '--checksum', 'sha256:abc'], /checksum|sha256/i],
    ['a checksum of an unknown algorithm', ['get', 'http://127.0.0.1:1/a', '--checksum', 'crc8:00'], /crc8/],
    ['too many connections', ['get', 'http://127.0.0.1:1/a', '-c', '129'], /128/],
    ['no connections', ['get', 'http://127.0.0.1:1/a', '-c', '0'], /connections/],
    ['a size that is none', ['get', 'http://127.0.0.1:1/a', '--buffer', 'much'], /buffer/],
    ['a rate that is none', ['get', 'http://127.0.0.1:1/a', '--limit', '-1'], /limit/],
    ['a time that is none', ['get', 'http://127.0.0.1:1/a', '--stall-timeout', 'soon'], /stall-timeout/],
    ['a header without a colon', ['get', 'http://127.0.0.1:1/a', '-H', 'nonsense'], /header/i],
    ['a header with a line break', ['get', 'http://127.0.0.1:1/a', '-H', 'A: b\r\nC: d'], /header/i],
    ['an input file that is missing', ['get', '-i', 'missing.txt'], /missing\.txt/],
    ['a config file that is missing', ['get', 'http://127.0.0.1:1/a', '--config', 'missing.toml'], /missing\.toml/],
    ['a browser profile', ['get', 'http://127.0.0.1:1/a', '--browser', 'chrome120'], /browser/],
    ['a proxy', ['get', 'http://127.0.0.1:1/a', '--proxy', 'http://127.0.0.1:1'], /proxy/],
  ])('%s is refused in one line', async (_, args, says) => {
    using desk = new Desk();
    expectPlain(await hydrant(args, { desk, within: 5000 }), 2, says);
    expect(readdirSync(desk.path)).toEqual([]);
  });

  it('a config file with an unknown key is refused with its line and the nearest name', async () => {
    using desk = new Desk();
    writeFileSync(desk.at('c.toml'), '# mine\nconections = 3\n');
    const ended = await hydrant(['get', 'http://127.0.0.1:1/a', '--config', 'c.toml'], { desk, within: 5000 });
    expectPlain(ended, 2, /c\.toml.*2.*conections.*connections/s);
  });

  it.each([
    ['a value of the wrong type', 'connections = "many"\n', /connections/],
    ['a broken line', 'connections = = 3\n', /c\.toml/],
  ])('a config file with %s is refused', async (_, text, says) => {
    using desk = new Desk();
    writeFileSync(desk.at('c.toml'), text);
    expectPlain(await hydrant(['get', 'http://127.0.0.1:1/a', '--config', 'c.toml'], { desk, within: 5000 }), 2, says);
  });

  it('an environment name with a wrong value is refused by its name', async () => {
    using desk = new Desk();
    const env = { HYDRANT_CONNECTIONS: 'many' };
    expectPlain(await hydrant(['get', 'http://127.0.0.1:1/a'], { desk, env, within: 5000 }), 2, /HYDRANT_CONNECTIONS|connections/);
  });
});

describe('options', () => {
  it('count more on the command line than in the environment, and there more than in the file', async () => {
    using desk = new Desk();
    mkdirSync(desk.at('.config', 'hydrant'), { recursive: true });
    writeFileSync(desk.at('.config', 'hydrant', 'config.toml'), 'user-agent = "file"\n');
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const agent = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string | undefined> => {
      const ended = await hydrant(['cat', origin.url('/a.bin'), ...args], { desk, env });
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      return origin.requests.at(-1)?.headers['user-agent'];
    };
    expect(await agent([], {})).toBe('file');
    expect(await agent([], { HYDRANT_USER_AGENT: 'environment' })).toBe('environment');
    expect(await agent(['--user-agent', 'flag'], { HYDRANT_USER_AGENT: 'environment' })).toBe('flag');
  });
});

describe('a Metalink told by its media type', () => {
  const metalink = { bytes: Buffer.from('<metalink/>'), type: 'application/metalink4+xml' };

  it('is refused where mirrors are meant, and nothing is written', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/list': metalink, '/a.bin': file } });
    const says = /list" is a Metalink, and Metalink is not available yet/;
    for (const command of ['get', 'cat']) {
      expectPlain(await hydrant([command, '-m', origin.url('/list')], { desk }), 2, says);
    }
    for (const command of [['get', '--dry-run'], ['probe']]) {
      const ended = await hydrant([...command, '-m', origin.url('/list'), origin.url('/a.bin')], { desk });
      expect(ended, ended.stderr).toMatchObject({ code: 2 });
      expect(ended.stdout.toString()).toMatch(says);
    }
    expect(readdirSync(desk.path)).toEqual([]);
  });

  it('is a file like any other where a file is meant', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/list': metalink } });
    const ended = await hydrant(['get', origin.url('/list'), '-o', 'list'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(desk.at('list'), 'utf8')).toBe('<metalink/>');
  });
});

describe('a directory that cannot be written', () => {
  it('is named where it is a file', async () => {
    using desk = new Desk();
    writeFileSync(desk.at('taken'), '');
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'taken/'], { desk });
    expect([2, 6]).toContain(ended.code);
    expect(ended.stderr).toMatch(/taken/);
  });

  it.each(['out/', 'out/deep/', 'out/deep/er.bin', 'out/shut/'])(
    'is named where it is not ours, with what to do: -o %s',
    async (output) => {
      using desk = new Desk();
      mkdirSync(desk.at('out/shut'), { recursive: true });
      chmodSync(desk.at('out/shut'), 0);
      chmodSync(desk.at('out'), output === 'out/deep/er.bin' ? 0 : 0o555);
      await using origin = await Origin.start({ files: { '/a.bin': file } });
      // Root writes everywhere, unless that right is taken from it.
      const mortal = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];
      const wrapper = process.getuid?.() === 0 ? mortal : [];
      const ended = await hydrant(['get', origin.url('/a.bin'), '-o', output], { desk, wrapper });
      chmodSync(desk.at('out'), 0o755);
      chmodSync(desk.at('out/shut'), 0o755);
      expectPlain(ended, 6, /out.*permission denied; choose another directory \(--output\)/);
    },
  );
});

/** The program in a mount namespace of its own, where `out` is a file system of these options. */
const mounted = (options: string): readonly string[] => [
  'unshare',
  '-rm',
  'sh',
  '-c',
  `mkdir -p out && mount -t tmpfs -o ${options} tmpfs out && "$@"; code=$?; ls -A out >&2; exit $code`,
  'sh',
];

needs('unshare')('a disk', () => {
  it('that is full is found full before anything is fetched', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { size: 4_000_000 } } });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk, wrapper: mounted('size=2m') });
    expect(ended, ended.stderr).toMatchObject({ code: 6 });
    expect(ended.stderr).toMatch(/disk|space|room/i);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });

  it('that fills while a file of unknown length comes ends the program with what is there', async () => {
    using desk = new Desk();
    const faults = [
      { kind: 'whole', accept: 'none' },
      { kind: 'framing', as: 'chunked' },
    ] as const;
    await using origin = await Origin.start({ files: { '/a.bin': { size: 8_000_000 } }, faults });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk, wrapper: mounted('size=2m') });
    expect(ended, ended.stderr).toMatchObject({ code: 6 });
    expect(ended.stderr).toMatch(/disk|space|room/i);
    expect(ended.stderr.split('\n')).not.toContain('a.bin');
  });

  it('that is read-only is named', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/'], { desk, wrapper: mounted('ro') });
    expect(ended, ended.stderr).toMatchObject({ code: 6 });
    expect(ended.stderr).toMatch(/read-only|written/i);
    expect(ended.stderr).toMatch(/out/);
  });
});

describe('what is said', () => {
  it('is nothing with --quiet, where all goes well', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['get', '-q', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect([ended.code, ended.stdout.length, ended.stderr]).toEqual([0, 0, '']);
  });

  it('is one record per line with --json, on stderr only', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['cat', '--json', origin.url('/a.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const records = ended.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const record of records) {
      expect(record).toMatchObject({ time: expect.any(String), level: expect.any(String), event: expect.any(String) });
    }
    expect(records.map(({ event }) => event)).toEqual(expect.arrayContaining(['start', 'probe', 'done', 'summary']));
    expect(ended.stdout.equals(contentOf(4, 0, file.size))).toBe(true);
  });

  it('names the failure with --json as well', async () => {
    using desk = new Desk();
    await using origin = await Origin.start();
    const ended = await hydrant(['get', '--json', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    const failed = ended.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === 'failed');
    expect(failed).toMatchObject({ code: 'SOURCE_REFUSED' });
  });

  it('is the version, and help', async () => {
    using desk = new Desk();
    for (const run of [hydrant, hs]) {
      const version = await run(['--version'], { desk });
      expect([version.code, version.stdout.toString()]).toEqual([0, expect.stringMatching(/\d+\.\d+\.\d+/)]);
      const help = await run(['--help'], { desk });
      expect(help.code).toBe(0);
      expect(help.stdout.toString()).toMatch(/usage/i);
    }
    expect(existsSync(desk.at('download'))).toBe(false);
  });

  it('on a dry run is what would come, and nothing is touched', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['get', '--dry-run', origin.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.toString() + ended.stderr).toContain('a.bin');
    expect(readdirSync(desk.path)).toEqual([]);
  });
});
