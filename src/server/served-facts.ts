import type { EntryFacts } from '../cache/entry-facts.ts';
import { compositeTag } from '../cache/key.ts';
import { redactUrl } from '../core/errors.ts';
import type { Fields } from '../core/ports.ts';
import type { Source } from '../engine/source.ts';
import type { Sources } from '../engine/sources.ts';
import { lastSegment } from '../http/file-name.ts';
import { freshnessOf } from '../http/freshness.ts';
import { mergedFileName } from '../http/merged-name.ts';
import { safeName } from '../http/safe-name.ts';

/** What a file is, for those it is served to. */
export interface ServedFacts {
  readonly length: number | undefined;
  /** Bytes in each volume, where all are known. */
  readonly volumes: readonly number[];
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Date field that came with the validators. */
  readonly date: string | undefined;
  /** Content-Type as sent. */
  readonly type: string | undefined;
  /** As sources and URLs have it, safe. */
  readonly name: string | undefined;
  /** Of the source that says so, as it was given. */
  readonly url: string | undefined;
  /** Whether the validators are those of a source that answered, not of a mirror that did earlier. */
  readonly own: boolean;
  /** Whether every volume has a source that serves ranges. */
  readonly ranges: boolean;
  /** When a source last said so, in milliseconds since 1970, and for how long that holds. */
  readonly validatedAt: number;
  readonly lifetime: number;
  readonly storable: boolean;
}

const quoted = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The source that speaks for a volume: the first that answered and is not left out. */
const speakerOf = (sources: Sources, volume: number): Source | undefined =>
  sources.of(volume).find((source) => source.representation !== undefined && source.status !== 'out' && source.standing !== 'dissenting') ??
  sources.of(volume).find((source) => source.representation !== undefined);

const nothing: Fields = new Map();

/** What the sources say of the file. `kept`: what is stored of it, to which the same validator of another mirror is no contradiction. */
export const factsOf = (sources: Sources, kept?: EntryFacts): ServedFacts => {
  const { layout } = sources;
  const speakers = Array.from({ length: layout.count }, (_, volume) => speakerOf(sources, volume));
  const [first] = speakers;
  const headers = speakers.map((source) => source?.last?.headers ?? nothing);
  const freshness = speakers.flatMap((source) => (source?.last === undefined ? [] : freshnessOf(source.last.headers, source.last.at)));
  const tags = speakers
    .map((source) => source?.representation?.validator.etag)
    .map((tag) => (tag !== undefined && quoted.test(tag) ? tag : undefined));
  const own = { lastModified: headers[0]?.get('last-modified'), url: first?.spec.url };
  const lender = lenderOf(sources, kept, { ...own, etag: tags[0] });
  const volumes = speakers.map((_, volume) => layout.lengthOf(volume));
  return {
    length: layout.length,
    volumes: volumes.every((length) => length !== undefined) ? volumes : [],
    etag: lender === undefined ? compositeTag(tags) : lender.etag,
    lastModified: lender === undefined ? own.lastModified : lender.lastModified,
    date: lender === undefined ? headers[0]?.get('date') : undefined,
    type: headers[0]?.get('content-type'),
    name: nameOf(sources, speakers),
    url: lender === undefined ? own.url : lender.url,
    own: lender === undefined || isKnown(sources, lender),
    ranges: speakers.every((source) => source !== undefined && !source.whole),
    validatedAt: Math.min(...speakers.map((source) => source?.last?.at ?? 0)),
    lifetime: Math.min(...freshness.map(({ lifetime }) => lifetime)),
    storable: freshness.every(({ storable }) => storable),
  };
};

type Told = Pick<EntryFacts, 'etag' | 'lastModified' | 'url'>;

/** Whether a source answered with the validator of `kept`. */
const isKnown = (sources: Sources, { etag, lastModified }: Told): boolean =>
  sources.all.some(({ representation: { validator } = {} }) =>
    etag === undefined ? validator?.lastModified === lastModified : validator?.etag === etag,
  );

/** The source whose validators `kept` has. */
const authorOf = (sources: Sources, { url }: Told): Source | undefined =>
  sources.all.find(({ spec }) => url !== undefined && redactUrl(spec.url) === redactUrl(url));

/** Whether the source whose validators `kept` has may say yet whether they still hold. */
export const unheard = (sources: Sources, kept: Told): boolean => {
  const author = authorOf(sources, kept);
  return author !== undefined && author.representation === undefined && author.error === undefined;
};

/** Whether the source whose validators `kept` has says that they hold no longer. */
export const contradicted = (sources: Sources, kept: Told): boolean =>
  authorOf(sources, kept)?.representation !== undefined && !isKnown(sources, kept);

/**
 * Mirrors of one file often have tags of their own: what was stored from one is not another file because another answers
 * first, or alone. `kept`, where its validators go on being those of the file.
 */
const lenderOf = (sources: Sources, kept: EntryFacts | undefined, said: Told): EntryFacts | undefined => {
  if (kept === undefined || sources.layout.count !== 1 || kept.length !== sources.layout.length) return undefined;
  const { etag, lastModified } = kept;
  if ((etag ?? lastModified) === undefined || (etag === said.etag && (etag ?? lastModified) === (said.etag ?? said.lastModified)))
    return undefined;
  if (isKnown(sources, kept)) return kept;
  const author = authorOf(sources, kept);
  return author !== undefined && author.representation === undefined ? kept : undefined;
};

const nameOf = (sources: Sources, speakers: readonly (Source | undefined)[]): string | undefined => {
  const urls = speakers.map((source, volume) => source?.spec.url ?? sources.of(volume)[0]?.spec.url ?? '');
  const names = speakers.map((source, volume) => {
    const { name, url = '' } = source?.representation ?? {};
    return [name ?? '', lastSegment(url), lastSegment(urls[volume] ?? '')].map(safeName).find((safe) => safe !== '') ?? '';
  });
  const merged = names.length === 1 ? (names[0] ?? '') : mergedFileName(names, urls);
  return merged === '' ? undefined : merged;
};

/** What is stored of a file, as it is served. */
export const keptFacts = (kept: EntryFacts): ServedFacts => ({
  ...kept,
  date: undefined,
  own: true,
  ranges: true,
  lifetime: kept.lifetime ?? 0,
  storable: true,
});

/** What the cache is told of a file. */
export const entryFacts = (facts: ServedFacts, urls: readonly string[]): EntryFacts => {
  const { length, volumes, etag, lastModified, type, name, url, validatedAt, lifetime } = facts;
  return { length, volumes, etag, lastModified, type, name, urls, url, validatedAt, lifetime };
};

/** Whether bytes of `a` and of `b` are of one version, by what they say. */
export const sameFile = (a: ServedFacts, b: ServedFacts): boolean =>
  a.length === b.length &&
  a.length !== undefined &&
  (a.etag !== undefined ? a.etag === b.etag : a.lastModified !== undefined && a.lastModified === b.lastModified);
