import { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import { allOf } from '../engine/demand.ts';
import type { Summary } from '../engine/meter.ts';
import type { FileFacts, Sources } from '../engine/sources.ts';
import { Transfer } from '../engine/transfer.ts';
import type { FileStore } from '../store/file.ts';
import { firstUrl } from './file-spec.ts';
import { rounded, watch } from './progress.ts';
import { everything, regionOf, sizeIn } from './region.ts';
import { ShiftedStore } from './shifted-store.ts';
import type { Work } from './work.ts';

/** What a store is filled with. */
export interface Filling {
  /** For people. */
  readonly name: string;
  readonly sources: Sources;
  readonly store: FileStore;
  /** Undefined: the whole file. */
  readonly region: Range | undefined;
  /** What the store holds may be of another version. */
  readonly unproven: boolean;
  /** A digest will be compared in the end. */
  readonly digestKnown: boolean;
}

/** A store that is full: what the sources said in the end, and how it went. */
export interface Filled {
  readonly facts: FileFacts;
  readonly summary: Summary;
}

/** Brings every byte that the store lacks. Held bytes that turn out to be of another version are dropped, once. */
export const fill = async (work: Work, filling: Filling): Promise<Filled> => {
  const { name, store, region } = filling;
  try {
    return await attempt(work, filling);
  } catch (error) {
    if (!isOutdated(work, filling, error)) throw error;
    work.tell({ event: 'restart', name, bytes: store.held.size, message: error.message });
    await store.discard(everything);
    // What the first attempt learned of its sources it learned by comparing them with the wrong bytes.
    const { sources } = await work.open(region?.start ?? 0);
    return await attempt(work, { ...filling, sources, unproven: false });
  }
};

/** Whether `error` says that what was held from an earlier run is of another version. */
const isOutdated = (work: Work, { unproven }: Filling, error: unknown): error is HydrantError =>
  unproven && !work.signal.aborted && error instanceof HydrantError && error.code === 'SOURCE_CHANGED';

const attempt = async (work: Work, filling: Filling): Promise<Filled> => {
  const { name, sources, store, region, unproven, digestKnown } = filling;
  const view = region === undefined ? store : new ShiftedStore(store, region);
  const transfer = new Transfer(sources, view, allOf(region ?? everything), { unproven, digestKnown });
  const unwatch = watch(work, name, transfer);
  const summarise = (): void => work.tell({ event: 'summary', name, ...rounded(transfer.summary) });
  try {
    await transfer.run(work.signal);
    summarise();
  } catch (error) {
    if (!isOutdated(work, filling, error)) summarise();
    throw error;
  } finally {
    unwatch();
  }
  const { facts } = sources;
  // A length that was unknown when the region was made out is known now.
  const due = sizeIn(regionOf(work.spec.range, facts), facts.length);
  if (due !== undefined && store.held.size !== due) {
    throw new HydrantError('LENGTH_MISMATCH', `${store.held.size} bytes came of ${due}`, { url: firstUrl(work.spec) });
  }
  return { facts, summary: rounded(transfer.summary) };
};
