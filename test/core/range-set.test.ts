import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { intersect, type Range, sizeOf } from '../../src/core/range.ts';
import { RangeSet } from '../../src/core/range-set.ts';

const span = 40;
const range = fc.tuple(fc.nat(span), fc.nat(span)).map(([start, end]): Range => ({ start, end }));
const change = fc.record({ kind: fc.constantFrom('add', 'remove'), range });

const offsets = function* ({ start, end }: Range): Generator<number> {
  for (let offset = start; offset < end; offset++) yield offset;
};

/** The ranges that a plain set of offsets consists of. */
const rangesOf = (model: ReadonlySet<number>, within: Range = { start: 0, end: span }): Range[] => {
  const found: Range[] = [];
  for (const offset of offsets(within)) {
    if (!model.has(offset)) continue;
    const last = found.at(-1);
    if (last?.end === offset) found[found.length - 1] = { start: last.start, end: offset + 1 };
    else found.push({ start: offset, end: offset + 1 });
  }
  return found;
};

const invert = (model: ReadonlySet<number>): ReadonlySet<number> =>
  new Set([...offsets({ start: 0, end: span })].filter((offset) => !model.has(offset)));

const build = (changes: readonly { kind: string; range: Range }[]): { set: RangeSet; model: Set<number> } => {
  const set = new RangeSet();
  const model = new Set<number>();
  for (const { kind, range: changed } of changes) {
    const before = model.size;
    for (const offset of offsets(changed)) kind === 'add' ? model.add(offset) : model.delete(offset);
    const moved = kind === 'add' ? set.add(changed) : set.remove(changed);
    expect(moved).toBe(Math.abs(model.size - before));
  }
  return { set, model };
};

describe('a set of ranges', () => {
  it('holds exactly the offsets put in and not taken out, sorted and never touching, and counts them', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const { set, model } = build(changes);
        expect([...set]).toEqual(rangesOf(model));
        expect(set.size).toBe(model.size);
        expect(set.count).toBe(rangesOf(model).length);
      }),
      { numRuns: 1000 },
    );
  });

  it('answers for any range what is in it, what is missing, and whether all of it is there', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), range, (changes, asked) => {
        const { set, model } = build(changes);
        expect([...set.within(asked)]).toEqual(rangesOf(model, asked));
        expect([...set.gaps(asked)]).toEqual(rangesOf(invert(model), asked));
        expect(set.covers(asked)).toBe([...offsets(asked)].every((offset) => model.has(offset)));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells how far the run from an offset goes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(span), (changes, offset) => {
        const { set, model } = build(changes);
        let end = offset;
        while (model.has(end)) end++;
        expect(set.runFrom(offset)).toBe(end);
      }),
    );
  });

  it('is the same whatever the order in which its ranges came', () => {
    fc.assert(
      fc.property(
        fc.array(range).chain((ranges) => fc.tuple(fc.constant(ranges), fc.shuffledSubarray(ranges, { minLength: ranges.length }))),
        ([ranges, shuffled]) => {
          expect([...new RangeSet(shuffled)]).toEqual([...new RangeSet(ranges)]);
        },
      ),
    );
  });

  it('may be without end, as a file of unknown length is', () => {
    const set = new RangeSet([{ start: 0, end: 10 }]);
    expect([...set.gaps({ start: 5, end: Infinity })]).toEqual([{ start: 10, end: Infinity }]);
    expect(set.covers({ start: 0, end: Infinity })).toBe(false);
    expect(set.remove({ start: 4, end: Infinity })).toBe(6);
    expect([...set]).toEqual([{ start: 0, end: 4 }]);
  });

  it('is not changed by changing what it was built from', () => {
    const given = { start: 0, end: 10 };
    const set = new RangeSet([given]);
    given.end = 99;
    expect([...set]).toEqual([{ start: 0, end: 10 }]);
  });
});

describe('a range', () => {
  it('shares with another what both cover', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const common = new Set([...offsets(a)].filter((offset) => new Set(offsets(b)).has(offset)));
        expect(intersect(a, b)).toEqual(rangesOf(common, { start: 0, end: span + 1 })[0]);
        expect(sizeOf(a)).toBe([...offsets(a)].length);
      }),
    );
  });
});
