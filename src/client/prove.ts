import type { Digest } from '../digest/digest.ts';
import type { Sources } from '../engine/sources.ts';
import { FileStore } from '../store/file.ts';
import { setAside, wrongDigest } from './check.ts';
import type { FileSpec } from './file-spec.ts';
import { type Filled, type Filling, fill } from './fill.ts';
import { partialFactsOf } from './partial.ts';
import { spareOf, suspectsOf } from './spare.ts';
import type { Answered, Work } from './work.ts';

/** A full store, and how it came to be. */
export interface Proven extends Filled {
  readonly store: FileStore;
}

/**
 * Holds the bytes of a store that was filled against `digest`. Where they are wrong and sources with other bytes are
 * left, those are asked, once; when theirs are right, the others are named. The store may then be another one, of
 * `buffer` bytes. Rejects with DIGEST_MISMATCH where nobody had the right bytes.
 */
export const prove = async (work: Work, filling: Filling, filled: Filled, digest: Digest, buffer: number): Promise<Proven> => {
  const { name, store, sources } = filling;
  const wrong = await wrongDigest(work, store, digest, name);
  if (wrong === undefined) return { ...filled, store };
  const spec = spareOf(work.spec, sources);
  const answered = spec === undefined ? undefined : await askSpare(work, spec);
  if (spec === undefined || answered === undefined) throw await setAside(work, store, digest, wrong);
  const message = `its ${digest.algorithm} digest is wrong: the sources that it did not come from are asked`;
  work.tell({ event: 'restart', name, bytes: store.held.size, message });
  const suspects = suspectsOf(sources);
  await sources.close();
  // Its journal would vouch for sources whose bytes are not in it.
  await store.abandon();
  const again = work.keep(await FileStore.open(store.path, { facts: partialFactsOf(spec, answered.facts), keep: false, buffer }));
  const refilled = await fill(work, { ...filling, sources: answered.sources, store: again, unproven: false });
  const still = await wrongDigest(work, again, digest, name);
  if (still !== undefined) throw await setAside(work, again, digest, still);
  for (const { url, volume } of suspects) {
    const others = othersIn(answered.sources, volume);
    const text = `its bytes have the wrong ${digest.algorithm} digest`;
    work.tell({ event: 'source', url, state: 'out', code: 'DIGEST_MISMATCH', message: text, others });
  }
  return { ...refilled, store: again };
};

/** What spare sources say; undefined where none of them answers. */
const askSpare = async (work: Work, spec: FileSpec): Promise<Answered | undefined> => {
  try {
    return await work.open(0, spec);
  } catch {
    work.signal.throwIfAborted();
    return undefined;
  }
};

const othersIn = (sources: Sources, volume: number): number => sources.of(volume).filter((source) => source.status !== 'out').length;
