/**
 * Whether what an earlier run left can be gone on with. Its journal says which bytes of what version are there; the
 * sources say what they serve now. What surely is of another version is dropped, what may be is sampled by the engine.
 */
import { stat } from 'node:fs/promises';

import { HydrantError, redactUrl } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import type { Validator } from '../core/representation.ts';
import type { FileFacts } from '../engine/sources.ts';
import { sameVersion } from '../http/validators.ts';
import { partialPaths } from '../store/partial.ts';
import type { PartialFacts } from '../store/record.ts';
import type { FileSpec } from './file-spec.ts';
import { sizeIn } from './region.ts';

/** What may be done with a partial file: nothing, or `keep` it; `unproven` where samples must tell if it is of this version. */
export type Verdict = { readonly keep: false; readonly message: string } | { readonly keep: true; readonly unproven: boolean };

/** How a source is called in a journal: its URL without secrets, and the bytes that are wanted of it where not all are. */
export const keyOf = (url: string, region: Range | undefined): string => {
  const bare = redactUrl(url.replace(/#.*$/s, ''));
  return region === undefined ? bare : `${bare}#bytes=${region.start}-${region.end - 1}`;
};

/** What a journal is to say of `region` of the file of `spec`; undefined `region`: all of it. */
export const partialFactsOf = (spec: FileSpec, facts: FileFacts, region?: Range): PartialFacts => ({
  urls: spec.volumes.flat().map(({ url }) => keyOf(url, region)),
  length: sizeIn(region, facts.length),
  validators: new Map([...facts.validators].map(([url, validator]) => [keyOf(url, region), validator])),
});

/** Judges what a journal says of a partial file (`before`) by what is wanted now (`now`, both as `partialFactsOf` makes them). */
export const judgePartial = (before: PartialFacts, now: PartialFacts): Verdict => {
  if (partOf(before) !== partOf(now)) return { keep: false, message: 'it holds another part of the file' };
  if (before.length !== undefined && now.length !== undefined && before.length !== now.length) {
    return { keep: false, message: `the file is ${now.length} bytes long now, it was ${before.length}` };
  }
  const urls = new Set([...before.urls, ...now.urls]);
  const verdicts = [...urls].map((url) => compare(before.validators.get(url), now.validators.get(url)));
  if (verdicts.includes('different')) return { keep: false, message: 'the file changed at its source since' };
  // Bytes of any source may be among those held, so each has to vouch for its own, also one that is not asked any more.
  return { keep: true, unproven: !verdicts.every((verdict) => verdict === 'same') };
};

/** Which part of the file a journal is about, as it stands in its URLs; '' for all of it. */
const partOf = (facts: PartialFacts): string => facts.urls[0]?.match(/#bytes=.*$/)?.[0] ?? '';

const compare = (before: Validator | undefined, now: Validator | undefined): 'same' | 'different' | 'unknown' =>
  before === undefined || now === undefined ? 'unknown' : sameVersion(before, now);

/** Throws OPTION_INVALID where bytes lie in the place of the partial file of `path` that are not ours: browsers call theirs so too. */
export const refuseForeign = async (path: string): Promise<void> => {
  const { part, journal } = partialPaths(path);
  const [bytes, note] = await Promise.all([part, journal].map((name) => stat(name).catch(() => undefined)));
  if (bytes === undefined || bytes.size === 0 || note !== undefined) return;
  const advice = 'move it away, or have it overwritten (--no-continue)';
  throw new HydrantError('OPTION_INVALID', `"${part}" is there, and no journal says that hydrant made it: ${advice}`);
};
