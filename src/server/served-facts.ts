import type { EntryFacts } from '../cache/entry-facts.ts';
import { compositeTag } from '../cache/key.ts';
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
  readonly url: string | undefined;
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
  const etag = layout.count === 1 ? tagOf(sources, tags[0], kept) : compositeTag(tags);
  const volumes = speakers.map((_, volume) => layout.lengthOf(volume));
  return {
    length: layout.length,
    volumes: volumes.every((length) => length !== undefined) ? volumes : [],
    etag,
    lastModified: headers[0]?.get('last-modified'),
    date: headers[0]?.get('date'),
    type: headers[0]?.get('content-type'),
    name: nameOf(sources, speakers),
    url: first?.representation?.url,
    ranges: speakers.every((source) => source !== undefined && !source.whole),
    validatedAt: Math.min(...speakers.map((source) => source?.last?.at ?? 0)),
    lifetime: Math.min(...freshness.map(({ lifetime }) => lifetime)),
    storable: freshness.every(({ storable }) => storable),
  };
};

/** Mirrors of one file often have tags of their own: what was stored from one is not another file because another answers first. */
const tagOf = (sources: Sources, tag: string | undefined, kept: EntryFacts | undefined): string | undefined => {
  if (kept?.etag === undefined || kept.etag === tag) return tag;
  const known = sources.all.some(({ representation }) => representation?.validator.etag === kept.etag);
  return known ? kept.etag : tag;
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
