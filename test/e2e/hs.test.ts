/** The command lines that HydraStream's text prints, and its options, with what they promise. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { contentOf, digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk, hs, programPath, Running } from './run.ts';

const genome = gzipSync(Buffer.from(contentOf(8, 0, 300_000).map((byte) => (byte % 50 === 0 ? 10 : 65 + (byte % 4)))));
const lines = spawnSync('sh', ['-c', 'zcat | wc -l'], { input: genome }).stdout.toString().trim();
const path = '/refseq/genome.fna.gz';
const start = (): Promise<Origin> => Origin.start({ files: { [path]: { bytes: genome }, '/b.bin': { size: 500_000, seed: 2 } } });

describe('the command lines of the ancestor’s text', () => {
  it('hs URL -t 20 --output ./data', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hs([origin.url(path), '-t', '20', '--output', './data'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(desk.at('data', 'genome.fna.gz')).equals(genome)).toBe(true);
  });

  it('hs URL -t 20 --stream -q | zcat | wc -l', async () => {
    using desk = new Desk();
    await using origin = await start();
    const command = `${process.execPath} ${programPath('hs')} "${origin.url(path)}" -t 20 --stream -q | zcat | wc -l`;
    const ended = await new Running(['sh', '-c', command], { desk }).ended;
    expect([ended.code, ended.stdout.toString().trim(), ended.stderr]).toEqual([0, lines, '']);
  });

  it('hs --input urls.txt --threads 20 --output ./datasets', async () => {
    using desk = new Desk();
    await using origin = await start();
    const list = `# comment\n\n  ${origin.url(path)}  and words after it\n${origin.url('/b.bin')}\n${origin.url('/b.bin')}\nnot-a-url\n`;
    writeFileSync(desk.at('urls.txt'), list);
    const ended = await hs(['--input', 'urls.txt', '--threads', '20', '--output', './datasets'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(
      readdirSync(desk.at('datasets'))
        .filter((name) => !name.endsWith('.log'))
        .sort(),
    ).toEqual(['b.bin', 'genome.fna.gz']);
    expect(ended.stderr).toContain('not-a-url');
  });

  it('its sample of a configuration file is taken', async () => {
    using desk = new Desk();
    mkdirSync(desk.at('.config', 'hydrastream'), { recursive: true });
    const sample = 'threads = 128\noutput_dir = "~/downloads"\nverify = true\nspeed_limit = 50.0\nmin-chunk-mb = 5\n';
    writeFileSync(desk.at('.config', 'hydrastream', 'config.toml'), sample);
    await using origin = await start();
    const ended = await hs([origin.url('/b.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(desk.at('downloads'))).toContain('b.bin');
  });
});

describe('an option of hs', () => {
  /** Runs hs in a directory of its own on a file of 500,000 bytes. */
  const run = async (args: readonly string[], look: (ended: Awaited<ReturnType<typeof hs>>, desk: Desk) => void): Promise<void> => {
    using desk = new Desk();
    await using origin = await start();
    look(await hs([origin.url('/b.bin'), ...args], { desk }), desk);
  };
  const expectSaved = (ended: { readonly code: number | undefined; readonly stderr: string }, desk: Desk, folder = 'download'): void => {
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at(folder, 'b.bin')) })).toBe(digestOf({ size: 500_000, seed: 2 }));
  };

  it.each([
    [[]],
    [['-nu']],
    [['--no-ui']],
    [['-q']],
    [['--quiet']],
    [['-j']],
    [['--json']],
    [['-V']],
    [['--verify']],
    [['-N']],
    [['--no-verify']],
    [['-d']],
    [['-t', '1']],
    [['--threads=128']],
    [['-b', '50']],
    [['--buffer', '64']],
    [['-l', '20.5']],
    [['--min-chunk-mb', '5']],
    [['--stream-chunk-mb', '2']],
    [['-th', 'sha256', '--checksum', digestOf({ size: 500_000, seed: 2 })]],
    [['--typehash', 'md5', '--checksum', ` ${digestOf({ size: 500_000, seed: 2 }, 'md5').toUpperCase()} `]],
    [['-th', 'sha3_256', '--checksum', digestOf({ size: 500_000, seed: 2 }, 'sha3-256')]],
    [['-th', 'blake2b', '--checksum', digestOf({ size: 500_000, seed: 2 }, 'blake2b512')]],
  ])('as in hs URL %j works', (args) =>
    run(args, (ended, desk) => {
      expectSaved(ended, desk);
      expect(ended.stdout.length).toBe(0);
    }),
  );

  it.each<[readonly string[], number]>([
    [['--checksum', '0'.repeat(32)], 3],
    [['--checksum', 'xyz'], 2],
    [['-th', 'crc8', '--checksum', '00'], 2],
    [['-t', '0'], 2],
    [['-t', '129'], 2],
    [['-b', '49'], 2],
    [['-l', '0'], 2],
    [['--min-chunk-mb', '0'], 2],
    [['--no-such-option'], 2],
  ])('as in hs URL %j fails with its code', (args, code) =>
    run([...args, '-nu'], (ended) => {
      expect(ended, ended.stderr).toMatchObject({ code });
      expect(ended.stderr).not.toMatch(/^\s+at /m);
    }),
  );

  it('-l limits', () =>
    run(['-l', '0.2'], (ended, desk) => {
      expectSaved(ended, desk);
      // 500,000 bytes at 0.2 MiB/s take 2.4 s.
      expect(ended.elapsed).toBeGreaterThan(1800);
    }));

  it('--stream puts the payload, and nothing else, on stdout', () =>
    run(['--stream', '--json'], (ended, desk) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digestOf({ bytes: ended.stdout })).toBe(digestOf({ size: 500_000, seed: 2 }));
      expect(readdirSync(desk.path).filter((name) => name !== '.config')).toEqual([]);
    }));

  it('--dry-run ends, and touches nothing', () =>
    run(['--dry-run'], (ended, desk) => {
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(ended.stderr + ended.stdout.toString()).toContain('b.bin');
      expect(readdirSync(desk.path)).toEqual([]);
    }));

  it('-o with a ~ is a place in the home directory', () => run(['-o', '~/there'], (ended, desk) => expectSaved(ended, desk, 'there')));
});

describe('hs', () => {
  it('without URLs says so, and makes no directory', async () => {
    using desk = new Desk();
    const ended = await hs([], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 2 });
    expect(ended.stderr).toMatch(/URL|link/i);
    expect(readdirSync(desk.path)).toEqual([]);
  });

  it('fails where one of two files fails, and keeps the other', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hs([origin.url('/missing'), origin.url('/b.bin'), '-nu'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    expect(readdirSync(desk.at('download'))).toContain('b.bin');
  });

  it('refuses a checksum for several files', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hs([origin.url(path), origin.url('/b.bin'), '--checksum', '0'.repeat(32)], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 2 });
    expect(origin.requests).toEqual([]);
  });

  it('streams several files in the order of its arguments', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hs([origin.url('/b.bin'), origin.url(path), '-s', '-q'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.equals(Buffer.concat([contentOf(2, 0, 500_000), genome]))).toBe(true);
  });
});
