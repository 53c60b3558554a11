import type { Layout } from '../core/layout.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Demand, Progress, Want } from './demand.ts';
import type { Lease } from './lease.ts';

/** A lease nearer to its reader than this is not given up for another reader. */
const near = 64 * 1024;
/** Places of readers that are remembered as let in. */
const mostLetIn = 16;

/** What a demand comes to in a file, clipped to it as far as its length is known. */
export class Needs {
  readonly #demand: Demand;
  readonly #layout: Layout;
  readonly #held: RangeSet;
  readonly #letIn = new Set<number>();

  constructor(demand: Demand, layout: Layout, held: RangeSet) {
    this.#demand = demand;
    this.#layout = layout;
    this.#held = held;
  }

  /** The most urgent first. */
  get wants(): readonly Want[] {
    const length = this.#layout.length ?? Number.POSITIVE_INFINITY;
    return this.#demand.wants().map(({ start, end, last, ordered }) => ({
      start: Math.min(start, last, length),
      end: Math.min(end, last, length),
      last: Math.min(last, length),
      ordered,
    }));
  }

  /** From the first byte that anybody wants now to the last. */
  get hull(): Range {
    const { wants } = this;
    if (wants.length === 0) return { start: 0, end: 0 };
    const start = wants.reduce((least, want) => Math.min(least, want.start), Number.POSITIVE_INFINITY);
    return { start, end: wants.reduce((most, want) => Math.max(most, want.end), 0) };
  }

  /** Where the last of all that is wanted in the end ends. */
  get limit(): number {
    return this.wants.reduce((most, { last }) => Math.max(most, last), 0);
  }

  /** Whether all that is wanted in the end is held. */
  get complete(): boolean {
    return this.wants.every(({ start, last }) => last !== Number.POSITIVE_INFINITY && this.#held.covers({ start, end: last }));
  }

  /** Whether all that is wanted now is held. */
  get covered(): boolean {
    return this.wants.every((want) => this.#held.covers(want));
  }

  /** Whether it is the readers who take their time: three quarters of what may be fetched ahead of each are there. */
  get readersWait(): boolean {
    return this.wants.every((want) => want.ordered && want.end < want.last && this.#size(want) * 4 >= sizeOf(want) * 3);
  }

  get progress(): Pick<Progress, 'bytes' | 'wanted'> {
    const { wants } = this;
    const { delivered } = this.#demand;
    const wanted = wants.reduce((sum, { start, last }) => sum + last - start, delivered);
    return {
      bytes: wants.reduce((sum, { start, last }) => sum + this.#size({ start, end: last }), delivered),
      wanted: wanted === Number.POSITIVE_INFINITY ? undefined : wanted,
    };
  }

  /** Whether somebody wants what `lease` is bringing. */
  includes({ whole, cursor, end: leased }: Lease): boolean {
    return whole || this.wants.some(({ start, end, last, ordered }) => cursor < (ordered ? end : last) && leased > start);
  }

  /** The wants in the order in which they are served: readers whose next byte nobody brings, then the others. */
  inTurn(leases: readonly Lease[]): readonly Want[] {
    const { wants } = this;
    const lacking = wants.filter((want) => this.#lacks(want, leases));
    return lacking.length === 0 ? wants : [...lacking, ...wants.filter((want) => !lacking.includes(want))];
  }

  /** Bytes wanted now that are neither held nor on their way in `leases`. */
  unleased(leases: readonly Lease[]): number {
    const missing = new RangeSet(this.wants.flatMap((want) => [...this.#held.gaps(want)]));
    for (const lease of leases) if (!lease.stopped) missing.remove({ start: lease.cursor, end: lease.end });
    return missing.size;
  }

  /** The lease to give up so that a reader whose next byte nobody brings gets a connection: the least urgent; once for each place. */
  victim(leases: readonly Lease[]): Lease | undefined {
    const readers = this.wants.filter((want) => want.ordered);
    const reader = readers.find((want) => this.#lacks(want, leases) && !this.#letIn.has(want.start));
    if (reader === undefined) return undefined;
    const distance = ({ cursor }: Lease): number =>
      readers.reduce((least, { start, end }) => (start <= cursor && cursor < end ? Math.min(least, cursor - start) : least), Infinity);
    const [victim] = leases.filter((lease) => !lease.whole && !lease.stopped).sort((a, b) => distance(b) - distance(a));
    if (victim === undefined || distance(victim) < near) return undefined;
    if (this.#letIn.size >= mostLetIn) this.#letIn.clear();
    this.#letIn.add(reader.start);
    return victim;
  }

  #lacks({ start, last, ordered }: Want, leases: readonly Lease[]): boolean {
    if (!ordered || start >= last || this.#held.runFrom(start) > start) return false;
    return !leases.some((lease) => !lease.stopped && lease.cursor <= start && start < lease.end);
  }

  #size(range: Range): number {
    return [...this.#held.within(range)].reduce((sum, part) => sum + sizeOf(part), 0);
  }
}
