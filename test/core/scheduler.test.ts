import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Range } from '../../src/core/range.ts';
import { RangeSet } from '../../src/core/range-set.ts';
import { decide, type LeaseView, type Slot, type View } from '../../src/core/scheduler.ts';

const MiB = 1024 * 1024;

interface Case {
  readonly size: number;
  readonly held: readonly Range[];
  readonly slots: readonly Slot[];
  readonly window: number | undefined;
}

const slot = (source: number, rate: number, latency: number, size: number): Slot => ({
  source,
  rate,
  latency,
  extent: { start: 0, end: size },
  whole: false,
  most: Number.POSITIVE_INFINITY,
});

const cases: fc.Arbitrary<Case> = fc
  .record({
    size: fc.integer({ min: 1, max: 64 * MiB }),
    parts: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.2, noNaN: true })), { maxLength: 6 }),
    rates: fc.array(fc.tuple(fc.integer({ min: 1_000, max: 50_000_000 }), fc.integer({ min: 1, max: 400 })), {
      minLength: 1,
      maxLength: 20,
    }),
    window: fc.option(fc.integer({ min: 64 * 1024, max: 16 * MiB }), { nil: undefined }),
  })
  .map(({ size, parts, rates, window }) => ({
    size,
    held: parts.map(([at, share]) => ({ start: Math.floor(at * size), end: Math.min(size, Math.floor((at + share) * size)) })),
    slots: rates.map(([rate, latency], source) => slot(source, rate, latency, size)).sort((a, b) => b.rate - a.rate),
    window,
  }));

/** Gives leases until nothing more is decided, and checks each of them. */
const grantAll = ({ size, held, slots, window }: Case): { leases: LeaseView[]; gaps: RangeSet } => {
  const present = new RangeSet(held);
  const [first] = present.gaps({ start: 0, end: size });
  const head = first?.start ?? size;
  const wanted = { start: head, end: window === undefined ? size : Math.min(size, head + window) };
  const gaps = new RangeSet(present.gaps(wanted));
  let leases: LeaseView[] = [];
  let free = [...slots];
  for (let round = 0; free.length > 0; round++) {
    expect(round).toBeLessThan(200);
    const view: View = {
      gaps: [...gaps],
      leases,
      slots: free,
      ...(window !== undefined && { window: wanted }),
      hedgeBudget: 4 * MiB,
      leaseLimit: Number.POSITIVE_INFINITY,
      end: size,
    };
    const decision = decide(view);
    if (decision === undefined) break;
    const { range, cut, races } = decision;
    expect(range.start).toBeLessThan(range.end);
    expect(range.start).toBeGreaterThanOrEqual(wanted.start);
    expect(range.end).toBeLessThanOrEqual(wanted.end);
    if (cut !== undefined) {
      const victim = leases.find((lease) => lease.id === cut.lease);
      expect(victim?.end).toBe(range.end);
      expect(cut.end).toBe(range.start);
      expect(cut.end).toBeGreaterThanOrEqual(victim?.start ?? 0);
      leases = leases.map((lease) => (lease.id === cut.lease ? { ...lease, end: cut.end } : lease));
    } else if (races !== undefined) {
      const victim = leases.find((lease) => lease.id === races);
      expect({ start: victim?.start, end: victim?.end }).toEqual(range);
      leases = leases
        .filter((lease) => lease.id !== victim?.rival)
        .map((lease) => (lease.id === races ? { ...lease, rival: round } : lease));
    } else {
      expect(gaps.covers(range)).toBe(true);
      gaps.remove(range);
    }
    const used = free.find((one) => one.source === decision.source);
    free = free.filter((one) => one !== used);
    const given = {
      id: round,
      source: decision.source,
      start: range.start,
      end: range.end,
      rate: used?.rate ?? 1,
      wait: used?.latency ?? 0,
    };
    leases = [...leases, { ...given, ...(races !== undefined && { rival: races }), shared: false }];
  }
  return { leases, gaps };
};

describe('the scheduler', () => {
  test('grants only what is wanted, nothing twice but a race, and cuts only what it takes over', () => {
    fc.assert(fc.property(cases, (one) => void grantAll(one)));
  });

  test('never leaves a download without a lease while something is missing', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { leases, gaps } = grantAll({ ...one, window: undefined });
        if (leases.length === 0) expect(gaps.size).toBe(0);
      }),
    );
  });

  test('always gives the head of a reader to somebody', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { leases } = grantAll({ ...one, window: one.window ?? MiB });
        const [first] = new RangeSet(one.held).gaps({ start: 0, end: one.size });
        if (first !== undefined) expect(leases.some((lease) => lease.start === first.start)).toBe(true);
      }),
    );
  });

  test('shares a file among equal connections', () => {
    const { leases } = grantAll({
      size: 40 * MiB,
      held: [],
      slots: [0, 1, 2, 3].map((id) => slot(id, MiB, 20, 40 * MiB)),
      window: undefined,
    });
    expect(leases.map((lease) => lease.end - lease.start)).toEqual([10 * MiB, 10 * MiB, 10 * MiB, 10 * MiB]);
  });

  test('steals so that both end together', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: 9 * MiB, rate: MiB, wait: 0, shared: false };
    const view: View = {
      gaps: [],
      leases: [lease],
      slots: [slot(1, 2 * MiB, 0, 9 * MiB)],
      hedgeBudget: 0,
      leaseLimit: 1e12,
      end: 64 * MiB,
    };
    expect(decide(view)).toEqual({ source: 1, range: { start: 3 * MiB, end: 9 * MiB }, cut: { lease: 1, end: 3 * MiB } });
  });

  test('leaves a lease alone that ends within a round trip', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: 100_000, rate: 10 * MiB, wait: 0, shared: false };
    const view: View = { gaps: [], leases: [lease], slots: [slot(1, MiB, 100, MiB)], hedgeBudget: MiB, leaseLimit: 1e12, end: 64 * MiB };
    expect(decide(view)).toBeUndefined();
  });

  test('does not rob an origin that gives no more to more connections', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: 9 * MiB, rate: MiB, wait: 0, shared: true };
    const view: View = { gaps: [], leases: [lease], slots: [slot(0, MiB, 10, 9 * MiB)], hedgeBudget: 0, leaseLimit: 1e12, end: 64 * MiB };
    expect(decide(view)).toBeUndefined();
  });

  test('gives a source nothing that would end after all others are done', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: MiB, rate: 10 * MiB, wait: 0, shared: false };
    const view: View = {
      gaps: [{ start: MiB, end: 2 * MiB }],
      leases: [lease],
      slots: [slot(1, 10_000, 50, 2 * MiB)],
      hedgeBudget: 0,
      leaseLimit: 1e12,
      end: 64 * MiB,
    };
    expect(decide(view)).toBeUndefined();
  });

  test('lets no volume wait because another will soon be done', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: MiB, rate: 10 * MiB, wait: 0, shared: true };
    const other = { ...slot(1, 10_000, 50, 2 * MiB), extent: { start: MiB, end: 2 * MiB } };
    const view: View = {
      gaps: [{ start: MiB, end: 2 * MiB }],
      leases: [lease],
      slots: [slot(0, 10 * MiB, 1, MiB), other],
      hedgeBudget: 0,
      leaseLimit: 1e12,
      end: 64 * MiB,
    };
    expect(decide(view)?.source).toBe(1);
  });

  test('lets a third join a race that both would lose, in place of the later one', () => {
    const slow: LeaseView = { id: 1, source: 0, start: 500, end: 4_000, rate: 100, wait: 0, shared: false, rival: 2 };
    const slower: LeaseView = { ...slow, id: 2, source: 1, start: 1_000, rate: 10, rival: 1 };
    const view: View = {
      gaps: [],
      leases: [slow, slower],
      slots: [slot(2, MiB, 20, MiB)],
      hedgeBudget: MiB,
      leaseLimit: 1e12,
      end: MiB,
    };
    expect(decide(view)).toEqual({ source: 2, range: { start: 1_000, end: 4_000 }, races: 1 });
    expect(decide({ ...view, leases: [{ ...slow, rate: MiB }, slower] })).toBeUndefined();
  });

  test('leaves nothing with a victim that is much slower than the thief', () => {
    const lease: LeaseView = { id: 1, source: 0, start: 0, end: MiB, rate: MiB / 16, wait: 0, shared: false };
    const view: View = { gaps: [], leases: [lease], slots: [slot(1, MiB, 0, MiB)], hedgeBudget: 0, leaseLimit: 1e12, end: MiB };
    expect(decide(view)).toEqual({ source: 1, range: { start: 0, end: MiB }, cut: { lease: 1, end: 0 } });
  });

  test('keeps a slow source away from the head', () => {
    const fast: LeaseView = { id: 1, source: 0, start: 0, end: 2 * MiB, rate: 8 * MiB, wait: 0, shared: false };
    const view: View = {
      gaps: [{ start: 2 * MiB, end: 64 * MiB }],
      leases: [fast],
      slots: [slot(1, MiB / 4, 20, 64 * MiB)],
      window: { start: 0, end: 64 * MiB },
      hedgeBudget: 0,
      leaseLimit: 1e12,
      end: 64 * MiB,
    };
    const range = decide(view)?.range;
    const start = range?.start ?? 0;
    const takes = 0.02 + ((range?.end ?? 0) - start) / (MiB / 4);
    expect(start).toBeGreaterThanOrEqual(2 * MiB);
    expect(takes).toBeLessThanOrEqual(start / (8 * MiB));
  });
});
