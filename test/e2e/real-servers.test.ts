import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { contentOf, digestOf } from '../../src/testing/content.ts';
import { installed, needs } from './needs.ts';
import { type RealServerName, startRealServer } from './real-server.ts';
import { Desk, factOf, hydrant, start } from './run.ts';

const file = { size: 6_000_000, seed: 21 };
const text = 'all work and no play\n'.repeat(50_000);

/** A desk with a site on it that every server may read. */
const siteOn = (desk: Desk): string => {
  chmodSync(desk.path, 0o755);
  mkdirSync(desk.at('site'));
  writeFileSync(desk.at('site', 'a.bin'), contentOf(file.seed, 0, file.size));
  writeFileSync(desk.at('site', 'a.txt'), text);
  writeFileSync(desk.at('site', 'empty.bin'), '');
  return desk.at('site');
};

const servers: readonly RealServerName[] = ['nginx', 'apache2', 'lighttpd'];

for (const name of servers) {
  needs(name)(`with ${name}`, () => {
    it('files come right, to disk and to stdout', async () => {
      using desk = new Desk();
      await using server = await startRealServer(name, desk, siteOn(desk));
      const saved = await hydrant(['get', server.url('/a.bin'), server.url('/empty.bin'), '-o', 'out/'], { desk });
      expect(saved, saved.stderr).toMatchObject({ code: 0 });
      expect(readdirSync(desk.at('out')).sort()).toEqual(['a.bin', 'empty.bin']);
      expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
      expect(readFileSync(desk.at('out', 'empty.bin')).length).toBe(0);
      const streamed = await hydrant(['cat', server.url('/a.bin')], { desk });
      expect(streamed, streamed.stderr).toMatchObject({ code: 0 });
      expect(digestOf({ bytes: streamed.stdout })).toBe(digestOf(file));
    });

    it('part of a file comes right, and a part outside it is refused', async () => {
      using desk = new Desk();
      await using server = await startRealServer(name, desk, siteOn(desk));
      const part = await hydrant(['cat', server.url('/a.bin'), '-r', '5999990-'], { desk });
      expect(part, part.stderr).toMatchObject({ code: 0 });
      expect(part.stdout.equals(contentOf(file.seed, 5_999_990, 6_000_000))).toBe(true);
      const outside = await hydrant(['cat', server.url('/a.bin'), '-r', '6000000-'], { desk });
      expect(outside, outside.stderr).toMatchObject({ code: 2 });
    });

    it('a missing file is a failure that names it', async () => {
      using desk = new Desk();
      await using server = await startRealServer(name, desk, siteOn(desk));
      const ended = await hydrant(['get', server.url('/missing.bin'), '-o', 'out/'], { desk });
      expect(ended, ended.stderr).toMatchObject({ code: 4 });
      expect(ended.stderr).toMatch(/404/);
      expect(ended.stderr).toContain('missing.bin');
    });
  });
}

/** Kills a download under way, then finishes it; says how much the second run brought, from its own summary. */
const killAndResume = async (desk: Desk, url: string): Promise<number> => {
  const args = ['get', url, '-o', 'out/', '--json', '-c', '2'];
  const running = start('hydrant', [...args, '--limit', '1500000'], { desk });
  await expect.poll(() => readdirSync(desk.path).includes('out') && readdirSync(desk.at('out')).length > 0, { timeout: 10_000 }).toBe(true);
  await expect.poll(() => Number(/.*"bytes":(\d+)/s.exec(running.stderr)?.[1] ?? 0), { timeout: 15_000 }).toBeGreaterThan(1_000_000);
  running.kill('SIGKILL');
  await running.ended;
  const ended = await hydrant(args, { desk });
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return factOf(ended, 'summary', 'bytes');
};

for (const name of servers) {
  needs(name)(`${name} and a download that was killed`, () => {
    it('go on where it was', async () => {
      using desk = new Desk();
      await using server = await startRealServer(name, desk, siteOn(desk));
      const brought = await killAndResume(desk, server.url('/a.bin'));
      expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
      expect(brought).toBeLessThanOrEqual(file.size);
    });
  });
}

needs('nginx')('nginx that', () => {
  it('limits the rate of each connection is asked over several', async () => {
    using desk = new Desk();
    await using server = await startRealServer('nginx', desk, siteOn(desk), { lines: 'limit_rate 1000000;' });
    const ended = await hydrant(['get', server.url('/a.bin'), '-o', 'out/', '--per-origin', '8'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
    // One connection alone needs 6 s.
    expect(ended.elapsed).toBeLessThan(4500);
  });

  it('answers 503 beyond two connections is served by two', async () => {
    using desk = new Desk();
    const options = {
      top: 'limit_conn_zone $binary_remote_addr zone=perip:1m;',
      lines: 'limit_conn perip 2; limit_rate 1500000;',
    };
    await using server = await startRealServer('nginx', desk, siteOn(desk), options);
    for (const args of [['get', '-o', 'out/'], ['cat']]) {
      const ended = await hydrant([...args, server.url('/a.bin')], { desk });
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      const bytes = args[0] === 'cat' ? ended.stdout : readFileSync(desk.at('out', 'a.bin'));
      expect(digestOf({ bytes })).toBe(digestOf(file));
    }
  });

  it('serves no ranges is read through', async () => {
    using desk = new Desk();
    await using server = await startRealServer('nginx', desk, siteOn(desk), { lines: 'max_ranges 0;' });
    const ended = await hydrant(['get', server.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
  });

  it('would gzip sends the file as it is', async () => {
    using desk = new Desk();
    const lines = 'gzip on; gzip_types *; gzip_min_length 1;';
    await using server = await startRealServer('nginx', desk, siteOn(desk), { lines });
    const ended = await hydrant(['cat', server.url('/a.txt')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.toString()).toBe(text);
  });

  it('has no ETag is still resumed from', async () => {
    using desk = new Desk();
    await using server = await startRealServer('nginx', desk, siteOn(desk), { lines: 'etag off;' });
    await killAndResume(desk, server.url('/a.bin'));
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
  });
});

needs('apache2')('apache2 that', () => {
  it('would deflate sends the file as it is', async () => {
    using desk = new Desk();
    await using server = await startRealServer('apache2', desk, siteOn(desk), { lines: 'SetOutputFilter DEFLATE' });
    const ended = await hydrant(['cat', server.url('/a.txt')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.toString()).toBe(text);
  });

  it('serves no ranges is read through', async () => {
    using desk = new Desk();
    await using server = await startRealServer('apache2', desk, siteOn(desk), { lines: 'MaxRanges none' });
    const ended = await hydrant(['get', server.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
  });
});

needs('lighttpd')('lighttpd that', () => {
  it('serves no ranges is read through', async () => {
    using desk = new Desk();
    await using server = await startRealServer('lighttpd', desk, siteOn(desk), { lines: 'server.range-requests = "disable"' });
    const ended = await hydrant(['get', server.url('/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
  });
});

describe('three servers', () => {
  const missing = servers.filter((name) => installed(name) === undefined);
  it.skipIf(missing.length > 0 && process.env.HYDRANT_REQUIRE_ALL !== '1')(
    `with one file, its date the same and its ETags not, bring it together${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`,
    async () => {
      using desk = new Desk();
      const site = siteOn(desk);
      await using nginx = await startRealServer('nginx', desk, site, { lines: 'limit_rate 800000;' });
      await using apache = await startRealServer('apache2', desk, site);
      await using lighttpd = await startRealServer('lighttpd', desk, site);
      const urls = [nginx, apache, lighttpd].map((server) => server.url('/a.bin'));
      const ended = await hydrant(['get', '-m', ...urls, '-o', 'out/', '-v'], { desk });
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
    },
  );
});
