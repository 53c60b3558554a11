/*
 * What is known of a stored representation, as text beside its bytes: one line, with a sum, written as a whole. Its
 * generation is in every record of the block map too, so that no record of earlier bytes can be taken for one of these.
 */
import { redactUrl } from '../core/errors.ts';
import { recordLine, recordOf } from '../store/record.ts';

/** Version of the text; another one is not read. */
const version = 1;

/** What is known of a stored representation. Instants in milliseconds since 1970, lifetimes in milliseconds. */
export interface EntryFacts {
  /** Bytes in the whole; undefined until that is known. */
  readonly length: number | undefined;
  /** Bytes in each volume, in order, where they are known. */
  readonly volumes: readonly number[];
  /** Entity-tag as sent, or the composite one of volumes. */
  readonly etag: string | undefined;
  /** Last-Modified as sent. */
  readonly lastModified: string | undefined;
  readonly type: string | undefined;
  readonly name: string | undefined;
  /** Where it comes from; on disk without what is secret in them. */
  readonly urls: readonly string[];
  /** URL of the source whose validators these are; on disk without what is secret in it. */
  readonly url: string | undefined;
  /** When a source last said that this is its representation; 0: none of those it has now did. */
  readonly validatedAt: number;
  /** How long it was fresh from then on, as far as the source said. */
  readonly lifetime: number | undefined;
}

/** Facts as they are kept. */
export interface KeptFacts {
  readonly facts: EntryFacts;
  /** Names these bytes: a number that no other content of the entry had. */
  readonly generation: number;
}

/** Whether two facts are of the same representation; `unproven`: nothing says so, and nothing says otherwise. */
export type Sameness = 'same' | 'other' | 'unproven';

/** Compares the facts of two representations: lengths, then validators. Only an entity-tag speaks for a length that isn't known. */
export const sameness = (a: EntryFacts, b: EntryFacts): Sameness => {
  if (a.etag !== b.etag || (a.etag === undefined && a.lastModified !== b.lastModified)) return 'other';
  const vague = a.etag !== undefined && (a.length === undefined || b.length === undefined);
  const parted = a.volumes.length > 0 && b.volumes.length > 0 && a.volumes.join() !== b.volumes.join();
  if ((a.length !== b.length && !vague) || parted) return 'other';
  return a.etag === undefined && a.lastModified === undefined ? 'unproven' : 'same';
};

/** Whether the source's word still holds at `now`. */
export const isFresh = ({ validatedAt, lifetime = 0 }: EntryFacts, now: number): boolean =>
  now >= validatedAt && now < validatedAt + lifetime;

/** The text that keeps `facts`. */
export const factsText = ({ facts, generation }: KeptFacts): string => {
  const { urls, url, ...rest } = facts;
  const redacted = { urls: [...new Set(urls.map(redactUrl))].sort(), ...(url !== undefined && { url: redactUrl(url) }) };
  return recordLine({ format: 'hydrant-cache', version, generation, ...rest, ...redacted });
};

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isString = (value: unknown): value is string => typeof value === 'string';
const textOf = (value: unknown): string | undefined => (isString(value) ? value : undefined);
const numberOf = (value: unknown): number | undefined => (isNumber(value) ? value : undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The facts that `text` keeps; undefined where it is damaged or of another version. Never throws. */
export const parseFacts = (text: string): KeptFacts | undefined => {
  const record = recordOf(text.replace(/\n$/, ''));
  if (typeof record !== 'object' || record === null) return undefined;
  const { format, version: written, generation, ...kept } = record as Record<string, unknown>;
  if (format !== 'hydrant-cache' || written !== version || !isNumber(generation)) return undefined;
  return {
    generation,
    facts: {
      length: numberOf(kept.length),
      volumes: listOf(kept.volumes).filter(isNumber),
      etag: textOf(kept.etag),
      lastModified: textOf(kept.lastModified),
      type: textOf(kept.type),
      name: textOf(kept.name),
      urls: listOf(kept.urls).filter(isString),
      url: textOf(kept.url),
      validatedAt: numberOf(kept.validatedAt) ?? 0,
      lifetime: numberOf(kept.lifetime),
    },
  };
};
