/** What only the built program shows: signals, pipes, descriptors and hooks. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { Desk, type Ended, hs, hydrant, programPath, Running, start as startProgram } from '../e2e/run.ts';

const big = { size: 2 ** 30, seed: 1 };
const small = { size: 100_000, seed: 2 };
const start = (): Promise<Origin> => Origin.start({ files: { '/big.bin': big, '/a.bin': small, '/b.bin': small } });

const program = `"${process.execPath}" "${programPath('hydrant')}"`;
const shell = (command: string, desk: Desk): Running => new Running(['sh', '-c', command], { desk });

describe('Ctrl-C', () => {
  // Both signals are there before the program is done with the first, since something else keeps it busy.
  it.each([
    ['that comes twice at once, as through npx, counts once', 10, 'wait(60)', { code: 130, signal: undefined }],
    ['pressed again kills', 150, 'setImmediate(wait, 300)', { code: undefined, signal: 'SIGINT' }],
  ])('%s', async (_, between, busy, how) => {
    using desk = new Desk();
    await using origin = await start();
    const preload = `const wait = (time) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time); process.once('SIGINT', () => ${busy});`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
    const running = startProgram('hydrant', ['get', origin.url('/big.bin')], { desk, env });
    await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    running.kill('SIGINT');
    await setTimeout(between);
    running.kill('SIGINT');
    expect(await running.ended).toMatchObject(how);
  });
});

describe('cat into a pipe', () => {
  it.each([
    ['INT', '130'],
    ['TERM', '143'],
  ])('that nobody reads ends within a second of SIG%s, with its code', async (signal, code) => {
    using desk = new Desk();
    await using origin = await start();
    const command = `(${program} cat ${origin.url('/big.bin')} & pid=$!; echo $pid > pid; wait $pid; echo $? > code) | (sleep 20 & echo $! > sleeper; wait)`;
    const running = shell(command, desk);
    await expect.poll(() => origin.counts.sent, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
    const asked = performance.now();
    process.kill(Number(readFileSync(desk.at('pid'), 'utf8')), `SIG${signal}`);
    await expect.poll(() => existsSync(desk.at('code')) && readFileSync(desk.at('code'), 'utf8').trim(), { timeout: 5000 }).toBe(code);
    expect(performance.now() - asked).toBeLessThan(1000);
    process.kill(Number(readFileSync(desk.at('sleeper'), 'utf8')));
    await running.ended;
  });

  it('whose reader has had enough ends quietly with 141', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await shell(`(${program} cat ${origin.url('/big.bin')}; echo $? > code) | head -c 100000 | wc -c`, desk).ended;
    expect([ended.stdout.toString().trim(), ended.stderr]).toEqual(['100000', '']);
    expect(readFileSync(desk.at('code'), 'utf8').trim()).toBe('141');
  });
});

describe('cat whose output nobody wants', () => {
  it.each(['> /dev/null', '1<> /dev/null', '>&-'])('fetches it all the same: %s', async (to) => {
    using desk = new Desk();
    await using origin = await start();
    expect(await shell(`${program} cat ${origin.url('/a.bin')} ${to}`, desk).ended).toMatchObject({ code: 0 });
    expect(origin.requests.length).toBeGreaterThan(0);
  });
});

describe('what is told', () => {
  it('goes to the descriptor that --json names, one record a line, and nothing of it to stderr', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await shell(`${program} get -q --json=3 ${origin.url('/a.bin')} 3> events`, desk).ended;
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const events = readFileSync(desk.at('events'), 'utf8').trim().split('\n');
    expect(events.map((line) => JSON.parse(line).event)).toEqual(expect.arrayContaining(['start', 'probe', 'done']));
  });

  it.each([3, 5, 7, 9, 50])('is refused for descriptor %d where nobody opened it', async (fd) => {
    using desk = new Desk();
    const ended = await hydrant(['get', `--json=${fd}`, 'http://127.0.0.1:1/a'], { desk });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(`descriptor ${fd} is not open`) });
  });

  it('is appended to --log-file too', async () => {
    using desk = new Desk();
    await using origin = await start();
    for (const path of ['/a.bin', '/b.bin']) await hydrant(['get', '--log-file', 'run.log', origin.url(path)], { desk });
    const records = readFileSync(desk.at('run.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.filter(({ event }) => event === 'done').map(({ name }) => name)).toEqual(['a.bin', 'b.bin']);
  });

  it('stays off the console with hs -q, failures too, and is in download.log', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hs(['-q', origin.url('/missing')], { desk });
    expect([ended.code, ended.stdout.length, ended.stderr]).toEqual([4, 0, '']);
    expect(readFileSync(desk.at('download', 'download.log'), 'utf8')).toMatch(/^\d{4}-\d\d-\d\dT.*404/m);
  });

  it('has a stack only under --debug', async () => {
    using desk = new Desk();
    await using origin = await start();
    const run = (args: readonly string[]): Promise<Ended> => hydrant(['get', origin.url('/missing'), ...args], { desk });
    expect((await run([])).stderr).not.toMatch(/^\s+at /m);
    expect((await run(['--debug'])).stderr).toMatch(/^\s+at /m);
  });
});

describe('a file that is done', () => {
  it('is told to the command of --on-done, as is one that failed', async () => {
    using desk = new Desk();
    await using origin = await start();
    const command = 'echo "$HYDRANT_STATUS $HYDRANT_URL $HYDRANT_FILE" >> told';
    const ended = await hydrant(['get', '-o', 'out/', '--on-done', command, origin.url('/a.bin'), origin.url('/missing')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 4 });
    expect(readFileSync(desk.at('told'), 'utf8').split('\n').sort()).toEqual([
      '',
      `done ${origin.url('/a.bin')} out/a.bin`,
      `failed ${origin.url('/missing')} out/missing`,
    ]);
  });

  it('is complete even where that command fails, which is said', async () => {
    using desk = new Desk();
    await using origin = await start();
    const ended = await hydrant(['get', '--on-done', 'exit 7', origin.url('/a.bin')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('exit code 7') });
  });
});

describe('input lists', () => {
  it('come from stdin as well, with names and checksums of their own', async () => {
    using desk = new Desk();
    await using origin = await start();
    const stdin = `${origin.url('/a.bin')}\n out=mine.bin\n checksum=sha256:${digestOf(small)}\n${origin.url('/b.bin')}\n checksum=md5:${'0'.repeat(32)}\n`;
    const ended = await hydrant(['get', '-i', '-', '-o', 'out/'], { desk, stdin });
    expect(ended, ended.stderr).toMatchObject({ code: 3 });
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'mine.bin')) })).toBe(digestOf(small));
    expect(existsSync(desk.at('out', 'b.bin'))).toBe(false);
  });

  it('are refused by the number of the bad line, before anything is fetched', async () => {
    using desk = new Desk();
    await using origin = await start();
    writeFileSync(desk.at('urls.txt'), `${origin.url('/a.bin')}\nnope\n`);
    const ended = await hydrant(['get', '-i', 'urls.txt'], { desk });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^hydrant: urls\.txt:2: "nope"/) });
    expect(origin.requests).toEqual([]);
  });
});

describe('probe', () => {
  it('answers on stdout, for people or as JSON Lines', async () => {
    using desk = new Desk();
    await using origin = await start();
    const text = await hydrant(['probe', origin.url('/a.bin')], { desk });
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout.toString()).toMatch(/^a\.bin\n {2}length +97\.7 KiB \(100000 bytes\)\n {2}ranges +yes$/m);
    const json = await hydrant(['probe', '--json', origin.url('/a.bin')], { desk });
    expect(JSON.parse(json.stdout.toString())).toMatchObject({ event: 'answer', length: 100_000, ranges: true, name: 'a.bin' });
  });

  it('says whether mirrors agree, and exits with 5 where they do not', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a': small, '/b': small, '/c': { ...small, seed: 9 } } });
    const same = await hydrant(['probe', '-m', origin.url('/a'), origin.url('/b')], { desk });
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout.toString()).toMatch(/sources +agree/);
    const other = await hydrant(['probe', '-m', origin.url('/a'), origin.url('/b'), origin.url('/c')], { desk });
    expect(other).toMatchObject({ code: 5 });
    expect(other.stdout.toString()).toMatch(/sources +DISAGREE[\s\S]*\/c\n +DIFFERS +has other bytes/);
  });

  it('fails where no source answers, and not where a mirror does', async () => {
    using desk = new Desk();
    await using origin = await start();
    expect((await hydrant(['probe', origin.url('/missing')], { desk })).code).toBe(4);
    const ended = await hydrant(['probe', '-m', origin.url('/a.bin'), origin.url('/missing')], { desk });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout.toString()).toMatch(/404/);
  });
});

describe('starting', () => {
  it('does not load an HTTP client for the version', async () => {
    using desk = new Desk();
    const env = { NODE_DEBUG: 'esm' };
    const ended = await hydrant(['--version'], { desk, env });
    expect(ended.stdout.toString()).toMatch(/^hydrant \d+\.\d+\.\d+\n$/);
    expect(ended.stderr).not.toMatch(/undici|client-/);
  });
});

describe('memory', () => {
  it('is not given to a young generation that grows with payload', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/half.bin': { size: 2 ** 28, seed: 1 } } });
    const space = "v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size";
    const tell = `import v8 from 'node:v8'; process.on('exit', () => console.error('young', ${space}));`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` };
    const ended = await hydrant(['cat', '-q', origin.url('/half.bin')], { desk, env });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(Number(/^young (\d+)$/m.exec(ended.stderr)?.[1])).toBeLessThanOrEqual(4 * 2 ** 20);
  });
});
