import type { Store } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { equal, type Sampler } from './sampler.ts';
import type { Source } from './source.ts';

/** How often a source whose validator changed is asked whether it did. */
const rounds = 4;

/**
 * Whether `source`, whose entity-tag changed, contradicts itself instead: some CDNs make a new tag for every answer, or
 * have one for each of their nodes. It does when the tag changes every time or the old one comes back, while the bytes
 * at `range`, which are held, and Last-Modified stay. A file that did change has one new tag that stays.
 */
export const contradictsItself = async (source: Source, range: Range, store: Store, sampler: Sampler): Promise<boolean> => {
  const known = source.representation?.validator;
  if (known === undefined) return false;
  let reference = await store.read(range).catch(() => undefined);
  const tags: (string | undefined)[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const { bytes, validator } = await sampler.fetch(source, range, { heed: 'length' });
      // A reader may have taken all that was held: then at least the answers must agree with each other.
      reference ??= bytes;
      if (!equal(bytes, reference) || validator.lastModified !== known.lastModified) return false;
      tags.push(validator.etag);
    }
  } catch {
    return false;
  }
  return tags.includes(known.etag) || new Set(tags).size === tags.length;
};
