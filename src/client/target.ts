/** What becomes of a file that is there already, decided before a byte is written. No file is ever replaced unasked. */
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';

import { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import type { Digest } from '../digest/digest.ts';
import { digestOfFile } from '../digest/file-digest.ts';
import type { Sources } from '../engine/sources.ts';
import { mismatch } from './check.ts';
import type { Verified } from './events.ts';
import { type FoundFile, findFile, hasTime, sameBytes } from './existing.ts';
import { firstUrl } from './file-spec.ts';
import type { Name } from './names.ts';
import { sizeIn } from './region.ts';
import type { Work } from './work.ts';

/** What to do where a file has the name already; `resume`: it is left as it is where it is the one that is wanted. */
export type IfExists = 'resume' | 'skip' | 'overwrite' | 'rename' | 'fail';

/** Fetch it, in place of what is there or not; or leave what is there, which is as sure as `verified` says. */
export type Decision =
  | { readonly act: 'fetch'; readonly replace: boolean }
  | { readonly act: 'skip'; readonly length: number; readonly verified: Verified };

/** What the sources are to give; no `region`: the whole file. */
export interface Wanted {
  readonly sources: Sources;
  readonly region: Range | undefined;
}

const fetchIt: Decision = { act: 'fetch', replace: false };

/** Whether `path` is there, whatever it is, and wherever it leads. */
export const isTaken = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
};

/**
 * What `policy` means for the file at `name`; `wanted` is needed for `resume` only. Throws OPTION_INVALID where it must
 * not be touched, DIGEST_MISMATCH where a file that is to be left is not what was asked for.
 */
export const decideExisting = async (
  work: Work,
  wanted: Wanted | undefined,
  { name, policy, digest }: { name: Name; policy: IfExists; digest: Digest | undefined },
): Promise<Decision> => {
  const found = await findFile(name.path);
  if (found === undefined) return fetchIt;
  if (!found.ordinary && found.nowhere === undefined)
    throw new HydrantError('OPTION_INVALID', `"${found.path}" is there and is no ordinary file`);
  switch (policy) {
    case 'overwrite':
      return { act: 'fetch', replace: true };
    case 'rename':
      name.next(isTaken);
      return fetchIt;
    case 'fail':
      throw new HydrantError(
        'OPTION_INVALID',
        `"${found.path}" is there already: choose another name (--output), or overwrite, rename or skip it (--if-exists)`,
      );
    case 'skip':
      if (found.nowhere !== undefined) throw leadsNowhere(found);
      return { act: 'skip', length: found.length, verified: await vouched(work, found, digest) };
    case 'resume':
      if (found.nowhere !== undefined) throw leadsNowhere(found);
      return wanted === undefined ? fetchIt : await unlessSame(work, wanted, found, digest);
  }
};

/** What it names is neither there nor to be made: that may be anywhere. The link itself may give way, as one to a file may. */
const leadsNowhere = ({ path, nowhere }: FoundFile): HydrantError =>
  new HydrantError('OPTION_INVALID', `"${path}" is a link to "${nowhere}", which is not there: overwrite or rename it (--if-exists)`);

const vouched = async (work: Work, found: FoundFile, digest: Digest | undefined): Promise<Verified> => {
  if (digest === undefined) return 'none';
  const hex = await hash(work, found, digest);
  if (hex === digest.hex) return 'digest';
  throw mismatch(digest, hex, `"${found.path}" was there already and is left as it is`, firstUrl(work.spec));
};

const hash = (work: Work, { path }: FoundFile, digest: Digest): Promise<string> => {
  work.tell({ event: 'verify', name: basename(path), algorithm: digest.algorithm });
  return digestOfFile(path, digest, work.signal);
};

const unlessSame = async (work: Work, { sources, region }: Wanted, found: FoundFile, digest: Digest | undefined): Promise<Decision> => {
  const { facts } = sources;
  const length = sizeIn(region, facts.length);
  const differs = (how: string): HydrantError =>
    new HydrantError('OPTION_INVALID', `"${found.path}" is there and is another file (${how}): overwrite, rename or skip it (--if-exists)`);
  if (digest !== undefined) {
    if ((await hash(work, found, digest)) === digest.hex) return { act: 'skip', length: found.length, verified: 'digest' };
    throw differs(`its ${digest.algorithm} digest is not the expected one`);
  }
  if (length === undefined) throw differs('as far as can be told: the source does not say how long its own is');
  if (found.length !== length) throw differs(`${found.length} bytes, ${length} at the source`);
  if (region === undefined && hasTime(found, facts, work.shared.clock.wall())) return { act: 'skip', length, verified: 'length' };
  const start = region?.start ?? 0;
  if (await sameBytes(found, sources, { start, end: start + length }, work.signal)) return { act: 'skip', length, verified: 'length' };
  throw differs('other bytes of the same length');
};
