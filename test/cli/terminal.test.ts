import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Board } from '../../src/cli/board.ts';
import { frame } from '../../src/cli/frame.ts';
import { type LogRecord, recordOf, type Told } from '../../src/cli/json-lines.ts';
import { messageOf } from '../../src/cli/message.ts';
import { ErrorsOnly, Plain } from '../../src/cli/plain.ts';
import { repaint, type Screen, Terminal } from '../../src/cli/terminal.ts';
import { printable, shortened, widthOf, wrapped } from '../../src/cli/text.ts';

const MiB = 2 ** 20;
const record = (told: Told, wall = 0): LogRecord => recordOf(told, wall);
const progress = (file: number, name: string, bytes: number, length: number | undefined, rate = 10 * MiB): Told => ({
  event: 'progress',
  file,
  name,
  bytes,
  length,
  rate,
  connections: 8,
});
const done = (file: number, name: string, bytes: number, more = {}): Told => ({
  event: 'done',
  file,
  name,
  path: `out/${name}`,
  bytes,
  elapsed: 2000,
  skipped: false,
  verified: 'length',
  ...more,
});
const failed = (file: number, code: 'SOURCE_REFUSED' | 'STOPPED' = 'SOURCE_REFUSED'): Told => ({
  event: 'failed',
  file,
  url: 'http://a/x',
  name: undefined,
  code,
  message: 'not found (404)',
});

const boardOf = (files: number, ...told: readonly Told[]): Board => {
  const board = new Board(files);
  for (const one of told) board.apply(record(one));
  return board;
};

describe('a frame', () => {
  const wide = { columns: 100, rows: 24, unicode: false };

  it('is one line for one file', () => {
    expect(frame(boardOf(1, progress(0, 'genome.fna.gz', 50 * MiB, 200 * MiB)), wide)).toEqual([
      'genome.fna.gz #######-----------------------  25.0%  50.0 MiB/200.0 MiB  10.0 MiB/s    0:15   8x',
    ]);
  });

  it('draws a line where it may draw more than ASCII', () => {
    const [line = ''] = frame(boardOf(1, progress(0, 'a', 1, 2)), { ...wide, unicode: true });
    expect(line).toContain('━━━───');
    expect(line).toMatch(/8×$/);
  });

  it('promises nothing where no length is known', () => {
    const [line = ''] = frame(boardOf(1, progress(0, 'a', 50 * MiB, undefined)), wide);
    expect(line).toMatch(/^a {50,}50\.0 MiB {2}10\.0 MiB\/s {4}-:-- {3}8x$/);
  });

  it('ends with a line for all, where there are several files', () => {
    const board = boardOf(3, progress(0, 'one', 10 * MiB, 20 * MiB), progress(1, 'two', 0, 20 * MiB), done(2, 'three', 60 * MiB));
    expect(frame(board, wide).at(-1)).toBe('1 of 3 files #####################---------  70.0%  70.0 MiB/100.0 MiB  20.0 MiB/s    0:02');
  });

  it('does not say 100 % before the last byte', () => {
    expect(frame(boardOf(1, progress(0, 'a', 10 ** 9 - 1, 10 ** 9)), wide)[0]).toContain(' 99.9%');
    expect(frame(boardOf(1, progress(0, 'a', 10 ** 9, 10 ** 9)), wide)[0]).toContain('100.0%');
  });

  it('never reaches the last column or the last row, however small the room is', () => {
    const names = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(names, fc.integer({ min: 2, max: 200 }), fc.integer({ min: 3, max: 50 }), fc.nat(), (files, columns, rows, bytes) => {
        const board = boardOf(files.length, ...files.map((name, file) => progress(file, name, bytes, bytes * 2 + 1)));
        const lines = frame(board, { columns, rows, unicode: true });
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
      }),
    );
  });
});

const sequence = '\x1b[';

/** A terminal as far as frames need one: `A` goes up, `K` and `J` clear. */
class Tube implements Screen {
  columns = 90;
  rows = 24;
  busy = false;
  writes = 0;
  readonly #lines: string[] = [''];
  #row = 0;

  say(text: string): void {
    this.writes++;
    const [first = '', ...commands] = text.split(sequence);
    this.#write(first);
    for (const command of commands) {
      const [, count = '', name, rest = ''] = /^(\d*)([AKJ])([\s\S]*)$/.exec(command) ?? [];
      if (name === 'A') this.#row -= Number(count);
      if (name === 'J') this.#lines.length = this.#row;
      this.#write(rest);
    }
  }

  get shown(): readonly string[] {
    return this.#lines.filter((line) => line !== '');
  }

  #write(text: string): void {
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) this.#row++;
      if (line !== '') this.#lines[this.#row] = line.replace('\r', '');
    }
  }
}

describe('a terminal', () => {
  const options = { verbose: false, unicode: false };

  it('writes once per frame', () => {
    const tube = new Tube();
    const terminal = new Terminal(tube, 2, options);
    terminal.show(record(progress(0, 'one', 1, 2), 0));
    terminal.show(record(progress(1, 'two', 1, 2), 50));
    expect(tube.writes).toBe(1);
    terminal.show(record(progress(1, 'two', 1, 2), 120));
    expect(tube.writes).toBe(2);
  });

  it('waits for a slow screen, but not with what is to stay', () => {
    const tube = new Tube();
    tube.busy = true;
    const terminal = new Terminal(tube, 1, options);
    terminal.show(record(progress(0, 'one', 1, 2), 0));
    expect(tube.writes).toBe(0);
    terminal.show(record(done(0, 'one', 2), 1));
    expect(tube.writes).toBe(1);
  });

  it('lets finished files scroll away and leaves nothing else behind', () => {
    const tube = new Tube();
    const terminal = new Terminal(tube, 2, options);
    terminal.show(record(progress(0, 'one', MiB, 2 * MiB), 0));
    terminal.show(record(progress(1, 'two', MiB, 2 * MiB), 200));
    terminal.show(record(done(0, 'one', 2 * MiB), 300));
    terminal.show(record(failed(1), 400));
    terminal.close();
    expect(tube.shown).toEqual(['out/one: 2.0 MiB in 2.0 s (1.0 MiB/s)', 'hydrant: not found (404) (http://a/x)']);
  });

  it('draws nothing more once it was closed, but says what is still to be said', () => {
    const tube = new Tube();
    const terminal = new Terminal(tube, 1, options);
    terminal.show(record(progress(0, 'one', MiB, 2 * MiB), 0));
    terminal.close();
    terminal.show(record({ event: 'warning', message: 'stopped' }, 100));
    terminal.show(record(progress(0, 'one', MiB, 2 * MiB), 300));
    terminal.close();
    expect(tube.shown).toEqual(['hydrant: stopped']);
  });

  it('goes up by the rows that the last frame has now, after a resize too', () => {
    expect(repaint(['x'.repeat(50), 'y'], ['z'], [], 100)).toBe('\x1b[2A\rz\x1b[K\n\x1b[J');
    expect(repaint(['x'.repeat(50), 'y'], ['z'], [], 20)).toBe('\x1b[4A\rz\x1b[K\n\x1b[J');
    expect(repaint([], ['z'], ['above'], 20)).toBe('above\x1b[K\nz\x1b[K\n\x1b[J');
    expect(repaint([], [], [], 20)).toBe('');
  });

  it('draws below what others wrote, once the program goes on', () => {
    const tube = new Tube();
    const terminal = new Terminal(tube, 1, options);
    terminal.show(record(progress(0, 'one', 1, 2), 0));
    tube.say('[1]+ Stopped\n');
    terminal.resume();
    expect(tube.shown.map((line) => line.slice(0, 3))).toEqual(['one', '[1]', 'one']);
  });
});

describe('plain lines', () => {
  const lines = (files: number, told: readonly (readonly [Told, number])[], options = { verbose: false, progress: true }): string[] => {
    const said: string[] = [];
    const plain = new Plain((text) => said.push(text), files, options);
    for (const [one, wall] of told) plain.show(record(one, wall));
    return said;
  };

  it('tell how it goes every ten seconds', () => {
    const told = Array.from({ length: 25 }, (_, second) => [progress(0, 'a', second * MiB, 100 * MiB), second * 1000] as const);
    expect(lines(1, told)).toEqual([
      'a: 10.0%, 10.0 MiB of 100.0 MiB, 10.0 MiB/s, 0:09 left\n',
      'a: 20.0%, 20.0 MiB of 100.0 MiB, 10.0 MiB/s, 0:08 left\n',
    ]);
    expect(lines(1, told, { verbose: false, progress: false })).toEqual([]);
  });

  it('tell of several files in one', () => {
    const told = [
      [progress(0, 'a', MiB, 4 * MiB), 0],
      [progress(1, 'b', MiB, undefined), 10_000],
    ] as const;
    expect(lines(2, told)).toEqual(['0 of 2 files: 2.0 MiB, 20.0 MiB/s\n']);
  });

  it('tell of a retry when the file stands still, and then every ten seconds', () => {
    const retry: Told = {
      event: 'retry',
      file: 0,
      url: 'http://a/x',
      code: 'SOURCE_UNREACHABLE',
      message: 'connection refused',
      delay: 400,
    };
    const told = [
      [progress(0, 'a', 1, 2), 100_000],
      [retry, 101_000],
      [retry, 103_000],
      [retry, 105_000],
      [retry, 113_000],
    ] as const;
    expect(lines(1, told, { verbose: false, progress: false })).toEqual(Array(2).fill('http://a/x: connection refused; again in 0.4 s\n'));
  });

  it('are nothing but errors for whoever wants quiet', () => {
    const said: string[] = [];
    const face = new ErrorsOnly((text) => said.push(text));
    for (const told of [done(0, 'a', 1), progress(0, 'a', 1, 2), failed(1), failed(2, 'STOPPED')]) face.show(record(told));
    expect(said).toEqual(['hydrant: not found (404) (http://a/x)\n']);
  });
});

describe('a message', () => {
  it.each<[Told, string | undefined]>([
    [done(0, 'a', MiB), 'out/a: 1.0 MiB in 2.0 s (512.0 KiB/s)'],
    [done(0, 'a', MiB, { verified: 'digest' }), 'out/a: 1.0 MiB in 2.0 s (512.0 KiB/s), digest verified'],
    [done(0, 'a', MiB, { skipped: true }), 'out/a: is there already, 1.0 MiB'],
    [failed(0), 'hydrant: not found (404) (http://a/x)'],
    [failed(0, 'STOPPED'), undefined],
    [{ event: 'warning', message: 'take care' }, 'hydrant: take care'],
    [
      { event: 'space', directory: '/d', needed: 5 * MiB, free: MiB, unknown: 1, enough: false },
      'NOT enough space in /d: 5.0 MiB needed, and 1 of unknown length, 1.0 MiB free',
    ],
    [{ event: 'start', file: 0, url: 'http://a/' }, undefined],
  ])('of %j is %j', (told, text) => {
    expect(messageOf(record(told), false)).toBe(text);
  });

  it('says at the end of -v how near to the possible it came', () => {
    const told = {
      event: 'summary',
      file: 0,
      name: 'a',
      bytes: 1000,
      twice: 1,
      elapsed: 1,
      share: 0.978,
      why: 'the disk was slower',
      sources: [],
    };
    const line = 'a: 97.8 % of what these sources could give; 0.1 % fetched twice; the disk was slower';
    expect(messageOf(record(told as Told), true)).toBe(line);
    expect(messageOf(record(told as Told), false)).toBeUndefined();
  });

  it.each([
    [{ twice: 0, share: 0.5 }, 'a: 50.0 % of what these sources could give'],
    [{ twice: 1, share: undefined }, 'a: less than 0.1 % fetched twice'],
    [{ twice: 0, share: undefined }, undefined],
  ])('leaves out at the end of -v what there is nothing to say of: %j', (facts, line) => {
    const told = { event: 'summary', file: 0, name: 'a', bytes: 1e6, elapsed: 1, why: undefined, sources: [], ...facts };
    expect(messageOf(record(told as unknown as Told), true)).toBe(line);
  });

  it('cannot move a cursor, whatever a server calls its file', () => {
    const text = messageOf(record(done(0, 'a', 1, { path: 'evil\x1b[2J\u202e\r\nname' })), false);
    expect(text).toMatch(/^evil\ufffd\[2J\ufffd {2}name: /);
  });
});

describe('text', () => {
  it('is cut in its middle', () => {
    expect(shortened('chromosome-1.fa.gz', 11)).toBe('chrom…fa.gz');
    expect(shortened('short', 11)).toBe('short');
    expect(shortened('日本語のファイル', 7)).toBe('日…ル');
  });

  it('never takes more columns than it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 40 }), (text, width) => {
        expect(widthOf(shortened(printable(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is broken at blanks only', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).map((word) => word.replace(/ /g, '_')),
          { minLength: 1 },
        ),
        (words) => {
          expect(wrapped(words.join(' '), 20).join(' ')).toBe(words.join(' '));
        },
      ),
    );
  });
});
