import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import type { Fault } from '../../src/testing/faults.ts';
import { Origin } from '../../src/testing/origin.ts';
import { tlsFixture } from '../fixtures/tls.ts';
import { Desk, hydrant } from './run.ts';

const file = { size: 2_000_000, seed: 5 };
const patience = ['--retry-timeout', '3s'];

describe('redirects', () => {
  it('are followed, and the name is the final one', async () => {
    using desk = new Desk();
    const faults: Fault[] = [{ kind: 'redirect', to: '/b.bin', when: { path: '/a' } }];
    await using origin = await Origin.start({ files: { '/b.bin': file }, faults });
    const ended = await hydrant(['get', origin.url('/a'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(desk.at('out'))).toEqual(['b.bin']);
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'b.bin')) })).toBe(digestOf(file));
  });

  it('that expire are asked for again', async () => {
    using desk = new Desk();
    const faults: Fault[] = [
      { kind: 'redirect', to: '/b.bin', signed: true, when: { path: '/a.bin' } },
      { kind: 'drop', after: 300_000, when: { path: '/b.bin' } },
      { kind: 'expire', uses: 2, when: { path: '/b.bin' } },
    ];
    await using origin = await Origin.start({ files: { '/b.bin': file }, faults, rate: { connection: 2_000_000 } });
    const ended = await hydrant(['cat', origin.url('/a.bin'), ...patience], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: ended.stdout })).toBe(digestOf(file));
    expect(ended.stderr).not.toMatch(/signature=s/);
  });

  it('that go round in circles end', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ faults: [{ kind: 'redirect', to: '/a.bin' }] });
    const ended = await hydrant(['get', origin.url('/a.bin'), ...patience], { desk, within: 15_000 });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    expect(ended.stderr).toMatch(/redirect/i);
    expect(origin.requests.length).toBeLessThan(120);
  });

  it('to another origin get no credentials', async () => {
    using desk = new Desk();
    await using other = await Origin.start({ files: { '/a.bin': file } });
    const faults: Fault[] = [
      { kind: 'require', header: 'Authorization', value: `Basic ${Buffer.from('me:secret').toString('base64')}` },
      { kind: 'redirect', to: other.url('/a.bin') },
    ];
    await using origin = await Origin.start({ faults });
    const ended = await hydrant(['get', origin.url('/a.bin'), '--user', 'me:secret', '--cookie', 'a=b', '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(origin.requests[0]?.headers).toMatchObject({ cookie: 'a=b' });
    for (const { headers } of other.requests) expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
    expect(other.requests.length).toBeGreaterThan(0);
  });
});

describe('credentials', () => {
  it.each([
    ['--user', 'me:secret', 'Authorization', `Basic ${Buffer.from('me:secret').toString('base64')}`],
    ['--bearer', 't0ken', 'Authorization', 'Bearer t0ken'],
    ['--cookie', 'a=b', 'Cookie', 'a=b'],
    ['-H', 'X-Key: abc', 'X-Key', 'abc'],
    ['--referer', 'http://from.test/', 'Referer', 'http://from.test/'],
    ['--user-agent', 'odd/1', 'User-Agent', 'odd/1'],
  ])('given by %s go out', async (flag, value, header, expected) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, faults: [{ kind: 'require', header, value: expected }] });
    const ended = await hydrant(['get', origin.url('/a.bin'), '-o', 'out/', flag, value], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
  });

  it('in the URL go out, and stay out of what is said and kept', async () => {
    using desk = new Desk();
    const value = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    const faults: Fault[] = [
      { kind: 'require', header: 'Authorization', value },
      { kind: 'stall', after: 500_000 },
    ];
    await using origin = await Origin.start({ files: { '/a.bin': file }, faults });
    const args = [
      'get',
      origin.url('/a.bin?token=hush', 'me:secret'),
      '-o',
      'out/',
      '-v',
      '--retry-timeout',
      '1s',
      '--stall-timeout',
      '1s',
    ];
    const ended = await hydrant([...args, '--connections', '1', '--retries', '1'], { desk });
    expect(ended.stderr).not.toMatch(/secret|hush/);
    for (const name of readdirSync(desk.at('out'))) {
      if (name.endsWith('.json')) expect(readFileSync(desk.at('out', name), 'utf8')).not.toMatch(/secret|hush/);
    }
  });
});

describe('https', () => {
  it('works with the right authority, and is refused without', async () => {
    using desk = new Desk();
    writeFileSync(desk.at('ca.pem'), tlsFixture.cert);
    await using origin = await Origin.start({ files: { '/a.bin': file }, tls: tlsFixture });
    const trusted = await hydrant(['cat', origin.url('/a.bin'), '--cacert', desk.at('ca.pem')], { desk });
    expect(trusted, trusted.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: trusted.stdout })).toBe(digestOf(file));
    const unchecked = await hydrant(['cat', origin.url('/a.bin'), '--insecure'], { desk });
    expect(unchecked, unchecked.stderr).toMatchObject({ code: 0 });
    const refused = await hydrant(['cat', origin.url('/a.bin'), '--retry-timeout', '1s'], { desk, within: 10_000 });
    expect(refused, refused.stderr).toMatchObject({ code: 4 });
    expect(refused.stderr).toMatch(/certificate/i);
  });

  it('survives drops', async () => {
    using desk = new Desk();
    const faults: Fault[] = [{ kind: 'reset', after: 300_000 }];
    await using origin = await Origin.start({ files: { '/a.bin': file }, tls: tlsFixture, faults });
    const ended = await hydrant(['cat', origin.url('/a.bin'), '--insecure', ...patience], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: ended.stdout })).toBe(digestOf(file));
  });
});

describe('names', () => {
  it.each([
    ['/dir/plain%20name.bin?x=1', undefined, 'plain name.bin'],
    ['/a', `attachment; filename="b.bin"`, 'b.bin'],
    ['/a', `attachment; filename="b.bin"; filename*=UTF-8''%E2%82%AC.bin`, '€.bin'],
    ['/a', 'attachment; filename="../../etc/passwd"', undefined],
    ['/a', 'attachment; filename=".."', undefined],
    ['/..%2f..%2fescape.bin', undefined, undefined],
  ])('of %s with disposition %s stay inside the directory', async (path, disposition, name) => {
    using desk = new Desk();
    const files = { [path.replace(/\?.*/, '')]: { size: 10, ...(disposition === undefined ? {} : { disposition }) } };
    await using origin = await Origin.start({ files });
    const ended = await hydrant(['get', origin.url(path), '-o', 'in/out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const names = readdirSync(desk.at('in', 'out'));
    expect(names).toHaveLength(1);
    if (name !== undefined) expect(names).toEqual([name]);
    expect(readdirSync(desk.at('in'))).toEqual(['out']);
    expect(names[0]).not.toMatch(/^\.|[/\\]/);
  });

  it('that two URLs of one run share get a number', async () => {
    using desk = new Desk();
    const files = { '/x/a.bin': { size: 10, seed: 1 }, '/y/a.bin': { size: 20, seed: 2 } };
    await using origin = await Origin.start({ files });
    const ended = await hydrant(['get', origin.url('/x/a.bin'), origin.url('/y/a.bin'), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(desk.at('out')).sort()).toEqual(['a (1).bin', 'a.bin']);
  });
});

describe('a batch', () => {
  it('ends with the worst code, and one failure stops no other', async () => {
    using desk = new Desk();
    const files = { '/a.bin': { size: 100_000, seed: 1 }, '/c.bin': { size: 100_000, seed: 3 } };
    await using origin = await Origin.start({ files });
    const ended = await hydrant(['get', ...['/a.bin', '/missing.bin', '/c.bin'].map((path) => origin.url(path)), '-o', 'out/'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    expect(ended.stderr).toContain('missing.bin');
    expect(readdirSync(desk.at('out')).sort()).toEqual(['a.bin', 'c.bin']);
  });

  it('comes from a file or from stdin, with mirrors, comments and options', async () => {
    using desk = new Desk();
    const files = { '/a.bin': { size: 100_000, seed: 1 }, '/b.bin': { size: 100_000, seed: 2 } };
    await using origin = await Origin.start({ files });
    await using mirror = await Origin.start({ files });
    const list = [
      '# two files',
      '',
      `${origin.url('/a.bin')}\t${mirror.url('/a.bin')}`,
      '  out=renamed.bin',
      `  checksum=sha256:${digestOf(files['/a.bin'])}`,
      origin.url('/b.bin'),
      '',
    ].join('\n');
    writeFileSync(desk.at('list.txt'), list);
    const runs = [
      await hydrant(['get', '-i', 'list.txt', '-o', 'one/'], { desk }),
      await hydrant(['get', '-i', '-', '-o', 'two/'], { desk, stdin: list }),
    ];
    for (const ended of runs) expect(ended, ended.stderr).toMatchObject({ code: 0 });
    for (const folder of ['one', 'two']) expect(readdirSync(desk.at(folder)).sort()).toEqual(['b.bin', 'renamed.bin']);
    expect(digestOf({ bytes: readFileSync(desk.at('two', 'renamed.bin')) })).toBe(digestOf(files['/a.bin']));
  });
});

describe('part of a file', () => {
  it.each([
    ['0-0', 0, 1],
    ['100-199', 100, 200],
    ['1999990-', 1_999_990, 2_000_000],
    ['-10', 1_999_990, 2_000_000],
  ])('is what --range %s names', async (range, start, end) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const streamed = await hydrant(['cat', origin.url('/a.bin'), '--range', range], { desk });
    expect(streamed, streamed.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: streamed.stdout })).toBe(digestOf(file, 'sha256', { start, end }));
    const saved = await hydrant(['get', origin.url('/a.bin'), '--range', range, '-o', 'part.bin'], { desk });
    expect(saved, saved.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: readFileSync(desk.at('part.bin')) })).toBe(digestOf(file, 'sha256', { start, end }));
  });

  it('outside the file is a failure of the request', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await hydrant(['cat', origin.url('/a.bin'), '--range', '2000000-'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 2 });
    expect(ended.stderr).toMatch(/range/i);
  });

  it('outside the file is a failure of the request where the server keeps the length to itself', async () => {
    using desk = new Desk();
    const faults: Fault[] = [{ kind: 'headers', set: { 'Content-Range': null }, when: { within: { start: 2_000_000, end: Infinity } } }];
    await using origin = await Origin.start({ files: { '/a.bin': file }, faults });
    const ended = await hydrant(['cat', origin.url('/a.bin'), '--range', '2000000-', ...patience], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 2 });
    expect(ended.stderr).toMatch(/range/i);
  });

  it('of a server without ranges is skipped to', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, faults: [{ kind: 'whole', accept: 'none' }] });
    const ended = await hydrant(['cat', origin.url('/a.bin'), '--range', '1000-1999'], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(digestOf({ bytes: ended.stdout })).toBe(digestOf(file, 'sha256', { start: 1000, end: 2000 }));
  });
});

describe('probe', () => {
  it('says what there is and touches nothing', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { ...file, type: 'image/png' } } });
    const ended = await hydrant(['probe', origin.url('/a.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const said = ended.stdout.toString() + ended.stderr;
    expect(said).toMatch(/2[ ,.]?000[ ,.]?000|1\.9\d? ?Mi?B/);
    expect(said).toContain('image/png');
    expect(existsSync(desk.at('a.bin'))).toBe(false);
    expect(origin.counts.sent).toBeLessThan(100_000);
  });

  it('does without HEAD', async () => {
    using desk = new Desk();
    const faults: Fault[] = [{ kind: 'status', status: 405, when: { method: 'HEAD' } }];
    await using origin = await Origin.start({ files: { '/a.bin': file }, faults });
    const ended = await hydrant(['probe', '--json', origin.url('/a.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.toString() + ended.stderr).toContain('2000000');
  });

  it('fails where there is nothing', async () => {
    using desk = new Desk();
    await using origin = await Origin.start();
    const ended = await hydrant(['probe', origin.url('/a.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    expect(ended.stdout.toString() + ended.stderr).toContain('404');
  });
});
