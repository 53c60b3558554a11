/** What a person at a terminal sees of the built program. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { digestOf } from '../../src/testing/content.ts';
import { Origin } from '../../src/testing/origin.ts';
import { needs } from './needs.ts';
import { Desk, type Ended, programPath, Running } from './run.ts';

const file = { size: 1_000_000, seed: 4 };
const gentle = { total: 2_000_000 };

needs('script')('a terminal', () => {
  const inTerminal = (desk: Desk, command: string): Promise<Ended> =>
    new Running(['script', '-qec', command, '/dev/null'], { desk, within: 15_000 }).ended;

  it('is spared the bytes of cat', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file } });
    const ended = await inTerminal(desk, `${process.execPath} ${programPath('hydrant')} cat ${origin.url('/a.bin')}`);
    expect(ended.code).toBe(2);
    expect(ended.stdout.toString()).toMatch(/terminal/i);
    expect(ended.stdout.length).toBeLessThan(1000);
    expect(origin.counts.sent).toBe(0);
  });

  it('gets them with --force', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.txt': { bytes: Buffer.from('just text\n') } } });
    const ended = await inTerminal(desk, `${process.execPath} ${programPath('hydrant')} cat --force ${origin.url('/a.txt')}`);
    expect(ended.code).toBe(0);
    expect(ended.stdout.toString()).toContain('just text');
  });

  it.each([
    ['get', '-o out/', 'stopped; the same command goes on from here'],
    ['cat', '> bytes', 'stopped'],
  ])('is left with one clean line when %s is interrupted', async (command, to, line) => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': { size: 50_000_000 }, '/b.bin': { size: 50_000_000 } }, rate: gentle });
    const urls = ['/a.bin', '/b.bin'].map((path) => origin.url(path)).join(' ');
    const program = `echo $$ > pid; exec ${process.execPath} ${programPath('hydrant')} ${command} ${urls} ${to}`;
    const running = new Running(['script', '-qec', `sh -c '${program}'`, '/dev/null'], { desk, stdout: 'blocked', within: 15_000 });
    let shown = '';
    running.read((part) => {
      shown += part.toString();
    });
    await expect.poll(() => shown, { timeout: 10_000 }).toContain('0 of 2 files');
    process.kill(Number(readFileSync(desk.at('pid'), 'utf8')), 'SIGINT');
    await running.ended;
    const last = shown.slice(shown.lastIndexOf('A\r'));
    expect(last).toBe(`A\r\x1b[Jhydrant: ${line}\x1b[K\r\n\x1b[J`);
  });

  it('is shown how it goes, and left with a clean line', async () => {
    using desk = new Desk();
    await using origin = await Origin.start({ files: { '/a.bin': file }, rate: { total: 700_000 } });
    const ended = await inTerminal(desk, `${process.execPath} ${programPath('hydrant')} get -o out/ ${origin.url('/a.bin')}`);
    expect(ended.code).toBe(0);
    const shown = ended.stdout.toString();
    expect(shown).toMatch(/a\.bin/);
    expect(shown).toMatch(/\d+ ?%/);
    // Whatever hid the cursor showed it again.
    expect(shown.lastIndexOf('\x1b[?25h')).toBeGreaterThanOrEqual(shown.lastIndexOf('\x1b[?25l'));
    expect(digestOf({ bytes: readFileSync(desk.at('out', 'a.bin')) })).toBe(digestOf(file));
  });
});
