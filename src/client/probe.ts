/**
 * What each source of a file says of it, one by one and without fetching it: by HEAD, and where that is refused or says
 * too little by a GET for the first byte. What a HEAD says is for people to read; no transfer is built on it.
 */
import { HydrantError, redactUrl, toHydrantError } from '../core/errors.ts';
import type { Response } from '../core/ports.ts';
import type { Representation } from '../core/representation.ts';
import type { SourceSpec } from '../engine/source.ts';
import { readAnswer, representationOf } from '../http/answer.ts';
import { fileName } from '../http/file-name.ts';
import { patiently } from './asking.ts';
import { compareMirrors } from './comparison.ts';
import { layoutOf } from './file-spec.ts';
import { refuseMetalink } from './metalink.ts';
import type { ProbedSource } from './probed-source.ts';
import type { Work } from './work.ts';

/** What the sources of one file say together. */
export interface ProbeResult {
  readonly name: string | undefined;
  /** Bytes in all volumes together, where all sources that answered agree on them. */
  readonly length: number | undefined;
  /** Whether every volume has a source that serves ranges. */
  readonly ranges: boolean;
  /** Whether the sources of a volume that answered give one length, and the same bytes at its ends and at a place in between. */
  readonly agree: boolean;
  readonly sources: readonly ProbedSource[];
}

const firstByte = { start: 0, end: 1 };

/** Asks every source of `work` at once. Rejects where a volume has none that answers; what another does wrong is in its row. */
export const probe = async (work: Work): Promise<ProbeResult> => {
  const layout = layoutOf(work.spec, work.shared.headers);
  const asked = layout.flatMap((mirrors, volume) => mirrors.map(async (spec) => ({ spec, row: await probeSource(work, spec, volume) })));
  const answers = await Promise.all(asked);
  if (work.spec.mirrored === true) for (const { spec, row } of answers) refuseMetalink(spec.url, row.type);
  const compared = await Promise.all(
    [...layout.keys()].map((volume) =>
      compareMirrors(
        work,
        answers.filter(({ row }) => row.volume === volume),
      ),
    ),
  );
  const sources = compared.flat();
  if (work.signal.aborted) throw work.failure(undefined);
  for (const volume of layout.keys()) {
    const failed = sources.filter((source) => source.volume === volume);
    if (failed.every((source) => source.error !== undefined)) throw failed[0]?.error;
  }
  const volumes = layout.map((_, volume) => sources.filter((source) => source.volume === volume && source.error === undefined));
  const lengths = volumes.map(agreedLength);
  const length = lengths.reduce<number | undefined>((sum, next) => (sum === undefined || next === undefined ? undefined : sum + next), 0);
  return {
    name: sources.find((source) => source.name !== undefined)?.name,
    length,
    ranges: volumes.every((mirrors) => mirrors.some((source) => source.ranges === true)),
    agree: sources.every((source) => source.differs === undefined),
    sources,
  };
};

const agreedLength = (mirrors: readonly ProbedSource[]): number | undefined => {
  const lengths = new Set(mirrors.map((source) => source.length));
  return lengths.size === 1 ? [...lengths][0] : undefined;
};

interface Said {
  readonly status: number;
  readonly representation: Representation;
  readonly ranges: boolean | undefined;
}

const probeSource = async (work: Work, source: SourceSpec, volume: number): Promise<ProbedSource> => {
  const { clock } = work.shared;
  const began = clock.now();
  const about = { volume, url: redactUrl(source.url) };
  try {
    const { status, ranges, representation } = await ask(work, source);
    const { length, validator, type, name, url } = representation;
    const ms = Math.round(clock.now() - began);
    work.tell({ event: 'probe', url: about.url, status, length, ranges, type, ms });
    return {
      ...about,
      finalUrl: redactUrl(url),
      status,
      length,
      ranges,
      etag: validator.etag,
      lastModified: validator.lastModified,
      type,
      name: fileName({ disposition: name, url, asked: source.url, type }),
      ms,
    };
  } catch (failure) {
    const error = toHydrantError(failure, 'SOURCE_UNREACHABLE', { url: source.url });
    const nothing = { finalUrl: undefined, length: undefined, ranges: undefined, etag: undefined, lastModified: undefined };
    return { ...about, ...nothing, status: error.status, type: undefined, name: undefined, ms: Math.round(clock.now() - began), error };
  }
};

const ask = async (work: Work, source: SourceSpec): Promise<Said> => {
  const head = await heads(work, source);
  return head?.representation.length !== undefined ? head : await first(work, source);
};

/** What a HEAD says; undefined where it is refused or fails, which says nothing of a GET. Rejects where no time is left for one. */
const heads = async (work: Work, source: SourceSpec): Promise<Said | undefined> => {
  const { clock } = work.shared;
  const giveUpAt = clock.now() + work.settings.retryTimeout;
  try {
    return await patiently(work, source, 'HEAD', {}, (response) => {
      const length = lengthOf(response);
      if (response.status !== 200) return undefined;
      const said = response.headers.get('accept-ranges')?.toLowerCase();
      const ranges = said === undefined ? undefined : said.includes('bytes');
      return { status: response.status, ranges, representation: representationOf(response, length, ranges === true) };
    });
  } catch (error) {
    if (work.signal.aborted || clock.now() >= giveUpAt) throw error;
    return undefined;
  }
};

const first = (work: Work, source: SourceSpec): Promise<Said> =>
  patiently(work, source, 'GET', { range: 'bytes=0-0' }, (response) => {
    const answer = readAnswer(response, firstByte, work.shared.clock.wall());
    if (answer.kind === 'outside') {
      throw new HydrantError('RANGE_IGNORED', 'the source does not serve its first byte', { url: source.url, status: response.status });
    }
    const { representation } = answer;
    return { status: response.status, ranges: representation.ranges, representation };
  });

const lengthOf = (response: Response): number | undefined => {
  const text = response.headers.get('content-length')?.trim() ?? '';
  const length = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(length) ? length : undefined;
};
