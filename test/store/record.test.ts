import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { RangeSet } from '../../src/core/range-set.ts';
import { headerLine, parseJournal, redactFacts, safeLine } from '../../src/store/record.ts';

const header = {
  boot: 'a boot',
  created: '2020-02-02T02:02:02.000Z',
  urls: ['https://example.org/ü', 'https://example.net/f?x=1\u2028'],
  length: 10_000,
  validators: new Map([
    ['https://example.org/ü', { etag: '"1"', lastModified: 'Sun, 02 Feb 2020 02:02:02 GMT' }],
    ['__proto__', {}],
  ]),
};
const ranges = [
  [{ start: 0, end: 100 }],
  [
    { start: 200, end: 300 },
    { start: 5_000, end: 5_001 },
  ],
  [{ start: 100, end: 200 }],
  [{ start: 9_000, end: 10_000 }],
];
const lines = [headerLine(header), ...ranges.map((some) => safeLine('written', some)), safeLine('synced', ranges[0] ?? [])];
const journal = Buffer.from(lines.join(''));
const all = new RangeSet(ranges.flat());
const isWithin = (part: RangeSet, whole: RangeSet) => [...part].every((range) => whole.covers(range));

describe('the journal text', () => {
  it('says what was recorded', () => {
    const parsed = parseJournal(journal.toString());
    expect(parsed?.header).toEqual(header);
    expect([...(parsed?.safe.written ?? [])]).toEqual([...all]);
    expect([...(parsed?.safe.synced ?? [])]).toEqual(ranges[0]);
  });

  it('is one JSON value a line', () => {
    for (const line of journal.toString().trim().split('\n')) expect(JSON.parse(line)).toHaveLength(2);
  });

  it('cut at any byte, says what its whole lines say', () => {
    for (let size = 0; size <= journal.length; size++) {
      const parsed = parseJournal(journal.subarray(0, size).toString());
      const expected = new RangeSet();
      let end = Buffer.byteLength(lines[0] ?? '');
      expect(parsed !== undefined).toBe(size >= end - 1);
      for (const [index, some] of ranges.entries()) {
        end += Buffer.byteLength(lines[index + 1] ?? '');
        if (size >= end - 1) for (const range of some) expected.add(range);
      }
      expect([...(parsed?.safe.written ?? [])]).toEqual([...expected]);
    }
  });

  it('with any byte changed, claims nothing that was not recorded', () => {
    const lastLine = journal.lastIndexOf('\n', journal.length - 2) + 1;
    for (let at = 0; at < journal.length; at++) {
      for (const flip of [0x01, 0x02, 0x08, 0x20, 0x80, 0xff, (journal[at] ?? 0) ^ 0x0a]) {
        const copy = Buffer.from(journal);
        copy[at] = (copy[at] ?? 0) ^ flip;
        const parsed = parseJournal(copy.toString());
        if (parsed === undefined) continue;
        expect(parsed.header).toEqual(header);
        expect(isWithin(parsed.safe.written, all)).toBe(true);
        if (copy.length - at > 1 && at >= lastLine) expect(parsed.safe.synced.size).toBe(0);
      }
    }
  });

  it('whatever lies in the file, reading it never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseJournal(Buffer.from(bytes).toString())));
    fc.assert(fc.property(fc.string(), fc.nat(500), (text, at) => void parseJournal(`${journal.toString().slice(0, at)}${text}`)));
  });

  it('records with a good sum and a senseless content claim nothing', () => {
    const signed = (text: string) => `["${createHash('sha256').update(text).digest('hex').slice(0, 16)}",${text}]\n`;
    const record = fc.oneof(
      fc.json(),
      fc
        .record({ written: fc.array(fc.array(fc.oneof(fc.integer({ max: 0 }), fc.constant(null), fc.double({ min: 10_001 })))) })
        .map((value) => JSON.stringify(value)),
      fc.json().map((text) => `{"synced":${text}}`),
    );
    fc.assert(
      fc.property(record, (text) => {
        expect(parseJournal(`${headerLine(header)}${signed(text)}`)?.safe.written.size).toBe(0);
        const parsed = parseJournal(signed(text));
        expect(parsed).toBeUndefined();
      }),
    );
    const strange =
      '{"format":"hydrant-partial","version":1,"boot":"b","created":"c","length":null,"urls":[1,"u"],"validators":[3,[4],["u",{"etag":5}]]}';
    expect(parseJournal(signed(strange))?.header).toEqual({
      boot: 'b',
      created: 'c',
      length: undefined,
      urls: ['u'],
      validators: new Map([['u', {}]]),
    });
    expect(parseJournal(signed(strange.replace('"version":1', '"version":2')))).toBeUndefined();
  });

  it('carries no secrets of a URL', () => {
    const facts = redactFacts({
      urls: ['https://user:pass@example.org/f?sig=abc'],
      length: 1,
      validators: new Map([['https://example.org/f?token=abc', { etag: '"1"' }]]),
    });
    expect(JSON.stringify([facts.urls, ...facts.validators])).not.toMatch(/pass|abc/);
  });
});
