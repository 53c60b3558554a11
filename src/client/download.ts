/**
 * One file to disk. Its bytes are written to `NAME.part` with a journal beside it; the name is given only when all are
 * here and the digest, where one was given, is right. What fails or is stopped leaves both, and the next run goes on.
 */
import { basename, dirname } from 'node:path';

import type { Range } from '../core/range.ts';
import type { Digest } from '../digest/digest.ts';
import type { Summary } from '../engine/meter.ts';
import type { FileFacts } from '../engine/sources.ts';
import { fileName } from '../http/file-name.ts';
import { parseHttpDate } from '../http/http-date.ts';
import { parseWanted } from '../http/range-field.ts';
import { guarded } from '../store/failure.ts';
import { FileStore } from '../store/file.ts';
import { advised } from './advice.ts';
import type { Verified } from './events.ts';
import { expectedOf, firstUrl } from './file-spec.ts';
import { type Filling, fill } from './fill.ts';
import { makeFolder } from './make-folder.ts';
import { backlogIn } from './memory.ts';
import type { Name, Names } from './names.ts';
import { judgePartial, partialFactsOf, refuseForeign } from './partial.ts';
import { type Place, placeOf } from './place.ts';
import { prove } from './prove.ts';
import { everything, firstMissing, regionOf, sizeIn } from './region.ts';
import { decideExisting, type IfExists, isTaken } from './target.ts';
import type { Work } from './work.ts';

/** Where a file goes and how what is there is treated. */
export interface DownloadOptions {
  /** A directory, or the file itself where nothing else is called so; `.` unless told otherwise. Directories are made. */
  readonly output?: string;
  /** `resume` unless told otherwise: a finished file that is the one wanted is not fetched again, any other is an error. */
  readonly ifExists?: IfExists;
  /** Go on with a partial file of an earlier run; true unless told otherwise. */
  readonly continue?: boolean;
  /** Give the file the time of the source's Last-Modified field. */
  readonly remoteTime?: boolean;
  /** Upper bound of the payload bytes held in memory; the client's unless told otherwise. */
  readonly buffer?: number;
}

/** A file that is on disk as it was asked for. */
export interface DownloadResult {
  /** Where it is: as `output` was, absolute or relative to the working directory. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** It was there already and nothing was written. */
  readonly skipped: boolean;
  readonly verified: Verified;
  /** How the transfer went; absent where it was skipped. */
  readonly summary?: Summary;
}

/** Which names are given to whom, and whether `output` may be a file's own name. */
export interface Run {
  readonly names: Names;
  readonly single: boolean;
}

interface Plan {
  readonly options: DownloadOptions;
  readonly policy: IfExists;
  readonly place: Place;
  readonly name: Name;
  readonly digest: Digest | undefined;
}

/** Brings the file of `work` to disk. The name is the caller's to release. Synchronous up to the name, so that names go in the order of calls. */
export const download = (
  work: Work,
  options: DownloadOptions,
  { names, single }: Run,
): { readonly name: Name; readonly result: Promise<DownloadResult> } => {
  const { spec } = work;
  const digest = expectedOf(spec);
  const place = placeOf(options.output ?? '.', spec.out, single);
  const asked = firstUrl(spec);
  const name = names.take(place.directory, place.name ?? fileName({ disposition: undefined, url: asked, asked, type: undefined }));
  const policy = options.ifExists ?? 'resume';
  if (policy === 'rename') name.next(isTaken);
  work.place = name;
  const result = fetchFile(work, { options, policy, place, name, digest }).catch((error: unknown) => {
    throw advised(error);
  });
  return { name, result };
};

const fetchFile = async (work: Work, plan: Plan): Promise<DownloadResult> => {
  work.tell({ event: 'start', url: work.url });
  const early = plan.place.name !== undefined ? await decideExisting(work, undefined, plan) : undefined;
  if (early?.act === 'skip') return skipped(work, plan, early);
  const { sources, facts } = await work.open(await firstByte(work, plan));
  if (plan.place.name === undefined) plan.name.move(nameOf(work, facts));
  const region = regionOf(work.spec.range, facts);
  const decision = await decideExisting(work, { sources, region }, plan);
  if (decision.act === 'skip') return skipped(work, plan, decision);
  const { store, unproven } = await openStore(work, plan, facts, region);
  const filling = { name: basename(plan.name.path), sources, store, region, unproven, digestKnown: plan.digest !== undefined };
  return await complete(work, plan, filling, decision.replace);
};

const nameOf = (work: Work, facts: FileFacts): string =>
  fileName({ disposition: facts.name, url: facts.url, asked: firstUrl(work.spec), type: facts.type });

const skipped = (work: Work, { name }: Plan, { length, verified }: { length: number; verified: Verified }): DownloadResult => {
  work.tell({ event: 'done', name: basename(name.path), path: name.path, bytes: length, elapsed: work.elapsed, skipped: true, verified });
  return { path: name.path, bytes: length, skipped: true, verified };
};

/** Where the first request begins: at the first byte that a partial file of the likely name lacks. */
const firstByte = async ({ spec }: Work, { name, options }: Plan): Promise<number> => {
  const wanted = spec.range === undefined ? everything : parseWanted(spec.range);
  if ('last' in wanted) return 0;
  const partial = options.continue === false ? undefined : await FileStore.peek(name.path);
  return partial === undefined ? wanted.start : wanted.start + firstMissing(partial.held, partial.length);
};

const openStore = async (
  work: Work,
  { name, options }: Plan,
  facts: FileFacts,
  region: Range | undefined,
): Promise<{ store: FileStore; unproven: boolean }> => {
  const folder = dirname(name.path);
  await guarded('create', folder, () => makeFolder(folder));
  if (options.continue !== false) await refuseForeign(name.path);
  const now = partialFactsOf(work.spec, facts, region);
  const partial = options.continue === false ? undefined : await FileStore.peek(name.path);
  const verdict = partial === undefined || partial.bytes === 0 ? undefined : judgePartial(partial, now);
  const label = basename(name.path);
  const bytes = partial?.bytes ?? 0;
  const keep = verdict?.keep === true;
  const store = work.keep(await FileStore.open(name.path, { facts: now, keep, buffer: bufferOf(work, options) }));
  if (verdict?.keep === true) work.tell({ event: 'resume', name: label, bytes, length: now.length, proven: !verdict.unproven });
  if (verdict?.keep === false) work.tell({ event: 'restart', name: label, bytes, message: verdict.message });
  return { store, unproven: keep && verdict.unproven };
};

const bufferOf = (work: Work, options: DownloadOptions): number => backlogIn(options.buffer ?? work.settings.buffer);

const complete = async (work: Work, plan: Plan, filling: Filling, replace: boolean): Promise<DownloadResult> => {
  const { digest, name } = plan;
  const { region, sources } = filling;
  const announced = sizeIn(region, sources.facts.length);
  const filled = await fill(work, filling);
  const buffer = bufferOf(work, plan.options);
  const { store, facts, summary } = digest === undefined ? { ...filling, ...filled } : await prove(work, filling, filled, digest, buffer);
  const bytes = store.held.size;
  work.signal.throwIfAborted();
  const mtime = plan.options.remoteTime === true ? modifiedAt(work, facts) : undefined;
  await store.finish({ replace, ...(mtime !== undefined && { mtime }) });
  const verified: Verified = digest !== undefined ? 'digest' : announced !== undefined ? 'length' : 'none';
  const { path } = name;
  work.tell({ event: 'done', name: filling.name, path, bytes, elapsed: work.elapsed, skipped: false, verified });
  return { path, bytes, skipped: false, verified, summary };
};

const modifiedAt = (work: Work, { lastModified }: FileFacts): Date | undefined => {
  const time = lastModified === undefined ? undefined : parseHttpDate(lastModified, work.shared.clock.wall());
  return time === undefined ? undefined : new Date(time);
};
