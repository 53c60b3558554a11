import { intersect, type Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import { type LeaseView, type Slot, timeLeft, type View } from '../core/scheduler.ts';
import type { Lease } from './lease.ts';
import type { Applicant, Origin } from './origins.ts';
import { autoConnections } from './ports.ts';
import type { Source } from './source.ts';
import type { Sources } from './sources.ts';

/** What to expect of a connection of which nothing is known: bytes per second, milliseconds. */
const unknownRate = 1024 * 1024;
const unknownLatency = 100;

/** Milliseconds of silence on all of its connections after which a source is given no more. */
export const silence = 1_000;
/** What a source that failed last is given at once. */
const trialSize = 256 * 1024;

/** What a transfer shows the scheduler. */
export interface Stage {
  readonly sources: Sources;
  readonly leases: readonly Lease[];
  readonly held: RangeSet;
  /** Wanted now: from the head to the window's end for a reader, all of it for a download. */
  readonly wanted: Range;
  readonly ordered: boolean;
  /** Where the demand ends. */
  readonly end: number;
  readonly hedgeBudget: number;
  /** Whose leases these are. */
  readonly applicant: Applicant;
}

/** The scheduler's view of `stage` at `now`; undefined where no connection is free, which is most of the time. */
export const viewOf = (stage: Stage, now: number): View | undefined => {
  const rates = ratesOf(stage.leases, now);
  const slots = slotsOf(stage, rates, now);
  if (slots.length === 0) return undefined;
  return {
    gaps: gapsOf(stage),
    leases: stage.leases.filter((lease) => !lease.stopped && !lease.whole).map((lease) => leaseView(lease, rates, now)),
    slots,
    ...(stage.ordered && { window: stage.wanted }),
    end: stage.end,
    hedgeBudget: stage.hedgeBudget,
    leaseLimit: stage.sources.settings.lease ?? Number.POSITIVE_INFINITY,
  };
};

const gapsOf = ({ held, leases, wanted }: Stage): Range[] => {
  const free = new RangeSet(held.gaps(wanted));
  for (const lease of leases) if (!lease.stopped) free.remove({ start: lease.cursor, end: lease.end });
  return [...free];
};

type Rates = (source: Source) => number;

/** Expected rate of one more connection to a source: its own, else its siblings' mean, else everybody's. */
const ratesOf = (leases: readonly Lease[], now: number): Rates => {
  let mean: number | undefined;
  const everybody = (): number => {
    const known = leases.flatMap((lease) => lease.meter.rate(now) ?? []);
    return known.length > 0 ? known.reduce((sum, rate) => sum + rate, 0) / known.length : unknownRate;
  };
  return (source) => {
    if (source.rate !== undefined) return source.rate;
    mean ??= everybody();
    return mean;
  };
};

const leaseView = (lease: Lease, rates: Rates, now: number): LeaseView => {
  const latency = lease.source.latency ?? unknownLatency;
  const patience = 2 * latency + 200;
  const waited = now - lease.startedAt;
  // Silence lasts as long again as half of what it has lasted, before the first byte and after: what came before is no promise.
  const quiet = lease.firstByteAt === undefined ? waited : lease.quiet(now);
  const overdue = quiet > patience;
  const begun = lease.firstByteAt !== undefined;
  const wait = begun ? (overdue ? quiet / 2 : 0) : Math.max(latency - waited, waited > latency ? waited / 2 : 0);
  const expected = rates(lease.source) * (overdue ? patience / (2 * quiet) : 1);
  return {
    id: lease.id,
    source: lease.source.id,
    start: lease.cursor,
    end: lease.end,
    rate: lease.meter.rate(now) ?? expected,
    wait,
    ...(isRaced(lease, now, patience) && { rival: lease.rival?.id ?? -1 }),
    shared: lease.origin.connections.isShared(lease.origin.active),
  };
};

/** Whether `lease` has a rival that may still win: two that both bring nothing after `patience` may be raced again. */
const isRaced = ({ rival, startedAt, bytes }: Lease, now: number, patience: number): boolean =>
  rival !== undefined && (bytes > 0 || rival.bytes > 0 || now - Math.max(startedAt, rival.startedAt) < patience);

/** Whether the leases of `source` wait in silence for so long that others should not wait for one more; a new one says nothing yet. */
export const silent = (source: Source, leases: readonly Lease[], now: number): boolean => {
  const own = leases.filter((lease) => lease.source === source && !lease.stopped);
  const quiet = own.filter((lease) => lease.quiet(now) > silence);
  return !source.alone && quiet.length > 0 && own.every((lease) => lease.bytes === 0 || quiet.includes(lease));
};

/** Whether `source` failed last and is being tried already. */
const onTrial = (source: Source, leases: readonly Lease[]): boolean =>
  source.failures > 0 && leases.some((lease) => lease.source === source && !lease.stopped);

/** Whether something is wanted of the volume that `source` serves: one that is complete takes no connection from the others. */
const lacks = ({ sources, wanted, held }: Stage, source: Source): boolean => {
  const extent = sources.layout.extent(source.volume);
  const part = extent === undefined ? undefined : intersect(extent, wanted);
  return part !== undefined && !held.covers(part);
};

/** Whether `source` may be given a lease at `now`. */
export const usable = (source: Source, now: number): boolean =>
  source.standing === 'admitted' &&
  source.representation !== undefined &&
  source.status !== 'out' &&
  (source.status !== 'resting' || now >= source.restUntil);

const slotsOf = (stage: Stage, rates: Rates, now: number): Slot[] => {
  const { sources } = stage;
  const limit = sources.settings.connections ?? autoConnections;
  let total = Math.min(limit - stage.leases.length, sources.origins.most - sources.origins.active);
  if (total <= 0) return [];
  const merit = (source: Source): number => rates(source) * (source.spec.weight ?? 1);
  const needed = (source: Source): boolean =>
    usable(source, now) && !silent(source, stage.leases, now) && !onTrial(source, stage.leases) && lacks(stage, source);
  const candidates = sources.all.filter(needed).sort((a, b) => merit(b) - merit(a));
  const { perVolume = Number.POSITIVE_INFINITY } = sources.settings;
  const count = (volume: number): number =>
    stage.leases.reduce((sum, lease) => sum + Number(lease.source.volume === volume), 0) +
    slots.reduce((sum, slot) => sum + Number(sources.all[slot.source]?.volume === volume), 0);
  const crowded = (source: Source): boolean =>
    candidates.some((other) => other.volume !== source.volume && count(other.volume) < perVolume) && count(source.volume) >= perVolume;
  const given = new Map<Origin, number>();
  const slots: (Slot & { readonly trial: boolean })[] = [];
  // What an origin has shown to need comes before a trial of one more elsewhere.
  for (const trial of [false, true]) {
    for (let round = 0; total > 0 && round < limit; round++) {
      const before = slots.length;
      for (const source of candidates) {
        const { origin } = source;
        const extent = sources.layout.extent(source.volume);
        const sofar = given.get(origin) ?? 0;
        if (perVolume !== Number.POSITIVE_INFINITY && crowded(source)) continue;
        // One try at a time for a source that failed last.
        if (total <= 0 || extent === undefined || (sofar > 0 && (source.whole || source.failures > 0))) continue;
        if (source.whole && !wholeIsNeeded(source, stage)) continue;
        if (sofar >= origin.connections.free(now, origin.active) || origin.active + sofar >= origin.connections.proven !== trial) continue;
        const own = stage.leases.reduce((sum, lease) => sum + Number(lease.origin === origin), sofar);
        if (origin.yields(stage.applicant, own)) continue;
        given.set(origin, sofar + 1);
        total--;
        slots.push({
          source: source.id,
          extent,
          rate: rates(source),
          latency: source.latency ?? unknownLatency,
          whole: source.whole,
          most: source.failures > 0 ? trialSize : Number.POSITIVE_INFINITY,
          trial,
        });
      }
      if (slots.length === before) break;
    }
  }
  return slots.sort((a, b) => Number(a.trial) - Number(b.trial) || b.rate - a.rate);
};

/** A source without ranges is used, from the start and alone, only while its volume has none with ranges that works. */
const wholeIsNeeded = (source: Source, { sources, leases }: Stage): boolean =>
  sources.of(source.volume).every((other) => other === source || other.whole || other.status === 'out' || other.failures >= 3) &&
  leases.every((lease) => lease.source.volume !== source.volume);

/** Milliseconds until the last of `leases` would end by itself. */
export const lastEnd = (leases: readonly Lease[], now: number): number => {
  const rates = ratesOf(leases, now);
  return leases.reduce((latest, lease) => Math.max(latest, timeLeft(leaseView(lease, rates, now))), 0);
};
