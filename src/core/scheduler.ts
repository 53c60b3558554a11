/**
 * Turns what is wanted, what is leased and what each source has shown into leases; decides, and does nothing.
 *
 * Unordered (a download): leases are long, shares of what is missing by rate; once all is leased, a free connection
 * steals from the end of the lease that would end last just so much that both end together; where nothing is left to
 * steal, the last bytes are raced within a budget (the hedge). A source whose smallest sensible lease would end after
 * all others are done gets none, so that no source can make a transfer slower.
 *
 * Ordered (a reader): even leases packed behind the head inside the window; a slow source only gets bytes so far ahead
 * that it ends before the head comes by; a lease at the head that falls behind is stolen from or raced first.
 *
 * The bound it works towards: T* = (S + Σ rᵢlᵢ) / Σ rᵢ over the sources used, rᵢ the rate and lᵢ the latency.
 */
import { intersect, type Range, sizeOf } from './range.ts';

/** A lease that runs: `start` is its cursor, `rate` bytes per second, `wait` milliseconds until its first byte is due. */
export interface LeaseView {
  readonly id: number;
  readonly source: number;
  readonly start: number;
  readonly end: number;
  readonly rate: number;
  readonly wait: number;
  /** The lease that races it or that it races, for the same last bytes: neither is stolen from. */
  readonly rival?: number;
  /** The lease's origin gives no more to more connections: stealing from it for itself gains nothing. */
  readonly shared: boolean;
}

/** A connection that may be opened to a source now. */
export interface Slot {
  readonly source: number;
  readonly extent: Range;
  /** Bytes per second to expect of it. */
  readonly rate: number;
  /** Milliseconds to its first byte. */
  readonly latency: number;
  /** Serves no ranges: only the whole of its extent, from the start. */
  readonly whole: boolean;
  /** Bytes that it may be given at once: little for a source that failed last. */
  readonly most: number;
}

export interface View {
  /** Wanted, not held and not leased, in order, inside the window. */
  readonly gaps: readonly Range[];
  readonly leases: readonly LeaseView[];
  /** Best first. */
  readonly slots: readonly Slot[];
  /** The ordered reader's window; absent for a download. */
  readonly window?: Range;
  /** Where what is wanted in the end ends; Infinity while that is unknown. */
  readonly end: number;
  /** Bytes that may still be fetched twice on purpose. */
  readonly hedgeBudget: number;
  /** Upper bound of one lease, where the user set one. */
  readonly leaseLimit: number;
}

/** One lease to give: `range` from `source`, after moving the end of another where `cut` says so. */
export interface Decision {
  readonly source: number;
  readonly range: Range;
  readonly cut?: { readonly lease: number; readonly end: number };
  /** The lease that this one races; one that raced it so far is of no use any more. */
  readonly races?: number;
}

/** No lease is made smaller than this on purpose. */
const smallest = 16 * 1024;
/** A thief that is so many times faster than its victim leaves nothing behind. */
const muchFaster = 8;
/** First size of an ordered reader's leases, and the largest. */
const orderedFirst = 2 * 1024 * 1024;
const orderedLargest = 16 * 1024 * 1024;

/** The next lease to give, or undefined where no free connection is of use now. */
export const decide = (view: View): Decision | undefined => {
  for (const slot of view.slots) {
    const decision = view.window === undefined ? forDownload(view, slot) : forReader(view, slot, view.window);
    if (decision !== undefined) return decision;
  }
  return undefined;
};

/** Milliseconds until `lease` ends by itself. */
export const timeLeft = (lease: LeaseView): number => lease.wait + ((lease.end - lease.start) * 1000) / Math.max(1, lease.rate);

const timeFor = (slot: Slot, size: number): number => slot.latency + (size * 1000) / Math.max(1, slot.rate);

/** The smallest lease worth its request: ten round trips' worth of bytes. */
const worthwhile = (slot: Slot): number => Math.max(smallest, (10 * slot.latency * slot.rate) / 1000);

const forDownload = (view: View, slot: Slot): Decision | undefined => {
  const gaps = view.gaps.flatMap((gap) => intersect(gap, slot.extent) ?? []);
  if (slot.whole) return gaps.length === 0 ? undefined : { source: slot.source, range: slot.extent };
  if (gaps.length === 0) return steal(view, slot) ?? race(view, slot);
  const missing = gaps.reduce((sum, gap) => sum + sizeOf(gap), 0);
  const rates = view.slots.reduce((sum, other) => (intersect(other.extent, slot.extent) === undefined ? sum : sum + other.rate), 0);
  const share = missing === Number.POSITIVE_INFINITY ? orderedFirst : (missing * slot.rate) / Math.max(1, rates);
  const size = Math.min(view.leaseLimit, slot.most, Math.max(share, worthwhile(slot)));
  const longest = gaps.reduce((best, gap) => (sizeOf(gap) > sizeOf(best) ? gap : best));
  if (timeFor(slot, Math.min(size, sizeOf(longest))) > othersDone(view, slot, missing)) return undefined;
  return { source: slot.source, range: head(longest, size, worthwhile(slot)) };
};

/** Milliseconds until the leases of other sources of its volume, and better connections than `slot`, would have brought all that is missing of it. */
const othersDone = (view: View, slot: Slot, missing: number): number => {
  const inVolume = view.leases.filter((lease) => lease.start >= slot.extent.start && lease.end <= slot.extent.end);
  const leases = inVolume.filter((lease) => lease.source !== slot.source);
  const better = view.slots
    .slice(0, view.slots.indexOf(slot))
    .filter((other) => other.source !== slot.source && !other.whole && intersect(other.extent, slot.extent) !== undefined);
  const rate = leases.reduce((sum, lease) => sum + lease.rate, 0) + better.reduce((sum, other) => sum + other.rate, 0);
  if (rate === 0) return Number.POSITIVE_INFINITY;
  const leased = inVolume.reduce((sum, lease) => sum + lease.end - lease.start, 0);
  const start = better.reduce((least, other) => Math.min(least, other.latency), leases.length > 0 ? 0 : Number.POSITIVE_INFINITY);
  return Math.max(start + ((missing + leased) * 1000) / rate, ...leases.map((lease) => Math.min(timeLeft(lease), 60_000)));
};

const head = (gap: Range, size: number, rest: number): Range => {
  const end = gap.start + Math.ceil(size);
  return gap.end - end < Math.min(rest, size / 4) ? gap : { start: gap.start, end };
};

/** Bytes that a thief takes from the end of `lease` so that both end together (`l` the thief's latency, rates in B/s). */
const fairShare = (lease: LeaseView, slot: Slot): number => {
  const left = lease.end - lease.start;
  const headStart = ((slot.latency - lease.wait) * lease.rate) / 1000;
  // What a much slower source would bring until then gains little, and being wrong about it costs a request at the very end.
  if (slot.rate > lease.rate * muchFaster) return Math.min(left, left - headStart);
  return Math.min(left, ((left - headStart) * slot.rate) / Math.max(1, slot.rate + lease.rate));
};

const mayRob = (lease: LeaseView, slot: Slot, view: View): boolean => {
  if (lease.rival !== undefined || lease.end === Number.POSITIVE_INFINITY) return false;
  if (lease.start < slot.extent.start || lease.end > slot.extent.end) return false;
  if (lease.source !== slot.source || !lease.shared) return true;
  const siblings = view.leases.filter((other) => other.source === lease.source);
  const mean = siblings.reduce((sum, other) => sum + other.rate, 0) / siblings.length;
  return lease.rate < mean / 2;
};

const latestFirst = (leases: readonly LeaseView[]): LeaseView[] => [...leases].sort((a, b) => timeLeft(b) - timeLeft(a));

const steal = (view: View, slot: Slot): Decision | undefined => {
  for (const victim of latestFirst(view.leases)) {
    if (!mayRob(victim, slot, view)) continue;
    const decision = rob(victim, slot, view.leaseLimit);
    if (decision !== undefined) return decision;
  }
  return undefined;
};

const rob = (victim: LeaseView, slot: Slot, leaseLimit: number): Decision | undefined => {
  const share = Math.floor(Math.min(fairShare(victim, slot), leaseLimit, slot.most));
  const gain = (share * 1000) / Math.max(1, victim.rate);
  const roundTrip = (slot.latency * slot.rate) / 1000;
  // A much slower source only takes what is worth its while: crumbs near the end would make the others wait for it.
  const least = slot.rate * 4 < victim.rate ? Math.max(smallest * 4, 10 * roundTrip) : Math.max(smallest / 4, roundTrip);
  if (share < least || gain < Math.max(slot.latency, 20)) return undefined;
  const end = victim.end - share;
  return { source: slot.source, range: { start: end, end: victim.end }, cut: { lease: victim.id, end } };
};

/** Races a lease whose end, and that of one that races it already, is later than the slot would need for the same bytes. */
const race = (view: View, slot: Slot): Decision | undefined => {
  for (const lease of latestFirst(view.leases)) {
    const rival = view.leases.find((other) => other.id === lease.rival);
    const victim = rival !== undefined && timeLeft(rival) < timeLeft(lease) ? rival : lease;
    if (victim.start < slot.extent.start || victim.end > slot.extent.end) continue;
    const start = Math.max(lease.start, rival?.start ?? 0);
    const left = victim.end - start;
    if (left > view.hedgeBudget || left <= 0) continue;
    if (victim.source === slot.source && victim.shared) continue;
    if (timeLeft(victim) <= timeFor(slot, left) * 1.1 + 20) continue;
    return { source: slot.source, range: { start, end: victim.end }, races: victim.id };
  }
  return undefined;
};

const forReader = (view: View, slot: Slot, window: Range): Decision | undefined => {
  if (slot.whole) return view.gaps.some((gap) => intersect(gap, slot.extent)) ? { source: slot.source, range: slot.extent } : undefined;
  const late = lateHead(view, slot, window);
  if (late !== undefined) return late;
  const gaps = view.gaps.flatMap((gap) => intersect(gap, slot.extent) ?? []);
  if (gaps.length === 0) return allLeased(view, slot, window);
  const rate = view.leases.reduce((sum, lease) => sum + lease.rate, slot.rate);
  const fastest = Math.max(...view.slots.map((other) => other.rate), ...view.leases.map((lease) => lease.rate));
  const size = orderedSize(view, slot, window);
  // The window opens at its end by every piece that is read: waiting for a lease's worth saves a request for each.
  const ready = gaps.filter((gap) => gap.end !== window.end || gap.end === view.end || sizeOf(gap) >= size);
  const [next] = ready;
  if (next === undefined) return undefined;
  if (slot.rate * 2 >= fastest) return { source: slot.source, range: head(next, size, smallest) };
  // A slow source: only where it ends before the head comes by, and not later than a fast one would bring the same.
  const least = Math.min(size, worthwhile(slot));
  for (const gap of ready) {
    const start = Math.max(gap.start, Math.ceil(window.start + (timeFor(slot, least) * rate) / 1000));
    if (gap.end - start < Math.min(least, smallest)) continue;
    const time = ((start - window.start) * 1000) / rate;
    const most = Math.max(least, ((time - slot.latency) * slot.rate) / 1000);
    return { source: slot.source, range: { start, end: Math.min(gap.end, start + Math.ceil(Math.min(most, size))) } };
  }
  return undefined;
};

/** Even leases: some 2 MiB at first, growing to the window's share of one connection; never so large that one blocks the rest. */
const orderedSize = (view: View, slot: Slot, window: Range): number => {
  const connections = view.leases.length + view.slots.length;
  const share = sizeOf(window) / Math.max(2, 2 * connections);
  const twoSeconds = slot.rate * 2;
  return Math.min(view.leaseLimit, slot.most, Math.max(Math.min(share, orderedFirst), Math.min(share, twoSeconds, orderedLargest)));
};

const headLease = (view: View, window: Range): LeaseView | undefined =>
  view.leases.reduce<LeaseView | undefined>(
    (first, lease) => (lease.end > window.start && (first === undefined || lease.start < first.start) ? lease : first),
    undefined,
  );

/** Whether the reader waits for what `lease` is to bring next. */
const blocks = (lease: LeaseView, window: Range): boolean => lease.start - window.start < smallest * 4;

/** Helps the lease that the reader waits for when it would take more than twice as long as a new request for the same bytes. */
const lateHead = (view: View, slot: Slot, window: Range): Decision | undefined => {
  const lease = headLease(view, window);
  if (lease === undefined || lease.start < slot.extent.start || lease.end > slot.extent.end || !blocks(lease, window)) return undefined;
  if (timeLeft(lease) <= 2 * timeFor(slot, lease.end - lease.start) + 250) return undefined;
  return help(view, slot, lease);
};

/** Nothing but what is leased is missing: at the end of what is wanted all end together, before it the reader's next lease is shared. */
const allLeased = (view: View, slot: Slot, window: Range): Decision | undefined => {
  if (window.end >= view.end) return steal(view, slot) ?? race(view, slot);
  const lease = headLease(view, window);
  if (lease === undefined || lease.start < slot.extent.start || lease.end > slot.extent.end || !blocks(lease, window)) return undefined;
  return timeLeft(lease) > Math.max(1_000, 6 * slot.latency) ? help(view, slot, lease) : undefined;
};

const help = (view: View, slot: Slot, lease: LeaseView): Decision | undefined => {
  if (mayRob(lease, slot, view)) {
    const decision = rob(lease, slot, view.leaseLimit);
    if (decision !== undefined) return decision;
  }
  return race({ ...view, leases: [lease] }, slot);
};
