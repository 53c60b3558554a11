import type { EntryFacts } from '../cache/entry-facts.ts';
import { compositeTag } from '../cache/key.ts';
import { redactUrl } from '../core/errors.ts';
import type { Clock, Response, Transport } from '../core/ports.ts';
import type { SourceSpec } from '../engine/source.ts';
import { readAnswer } from '../http/answer.ts';
import { freshnessOf } from '../http/freshness.ts';
import { headersFor } from '../http/redirect.ts';

/** Milliseconds that asking may take before what is stored is served unasked. */
export const patience = 2_000;
/** Milliseconds after which the next mirror is asked as well. */
const nextAfter = 500;

/** What is to hold. */
export type Held = Pick<EntryFacts, 'length' | 'volumes' | 'etag' | 'lastModified' | 'url'>;

/** What sources say of what is stored: it holds, for so long; it is another file now; or nobody says. */
export type Revalidation = { readonly kind: 'same'; readonly lifetime: number } | { readonly kind: 'changed' | 'unsaid' };

interface Word {
  readonly length: number | undefined;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  readonly lifetime: number;
  readonly url: string;
  /** Answered 304 to what is stored. */
  readonly holds: boolean;
}

/** Asks one source of each volume whether what is stored still is what it serves (RFC 9110 §13), with at most one byte of body. */
export const revalidate = async (
  kept: Held,
  volumes: readonly (readonly SourceSpec[])[],
  { transport, clock }: { readonly transport: Transport; readonly clock: Clock },
): Promise<Revalidation> => {
  const giveUp = new AbortController();
  const callOff = clock.after(patience, () => giveUp.abort());
  try {
    const words = await Promise.all(
      volumes.map((mirrors) => firstWord(mirrors, volumes.length === 1 ? kept : undefined, { transport, clock }, giveUp.signal)),
    );
    const said = words.flatMap((word) => word ?? []);
    if (said.length < volumes.length) return { kind: 'unsaid' };
    const lifetime = Math.min(...said.map((word) => word.lifetime));
    const [first] = said;
    if (said.every((word) => word.holds)) return { kind: 'same', lifetime };
    const etag = compositeTag(said.map((word) => word.etag));
    const lengths = said.map((word) => word.length);
    const sameLength = kept.volumes.length > 0 ? lengths.join() === kept.volumes.join() : lengths[0] === kept.length;
    if (!sameLength) return { kind: 'changed' };
    const same =
      kept.etag !== undefined ? etag === kept.etag : kept.lastModified !== undefined && first?.lastModified === kept.lastModified;
    if (same) return { kind: 'same', lifetime };
    // Another mirror's tag says nothing of what came from this one.
    const asked = kept.url === undefined || redactUrl(first?.url ?? '') === redactUrl(kept.url);
    return { kind: asked && (kept.etag ?? kept.lastModified) !== undefined ? 'changed' : 'unsaid' };
  } finally {
    callOff();
  }
};

interface Ports {
  readonly transport: Transport;
  readonly clock: Clock;
}

/** What the first of `mirrors` to answer says; each is given a head start on the next. */
const firstWord = async (
  mirrors: readonly SourceSpec[],
  kept: Held | undefined,
  ports: Ports,
  signal: AbortSignal,
): Promise<Word | undefined> => {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const asked: Promise<Word | undefined>[] = [];
  try {
    for (const mirror of mirrors) {
      const word = wordFrom(mirror, kept, ports, either).catch(() => undefined);
      asked.push(word);
      let callOff = (): void => undefined;
      const late = new Promise<undefined>((resolve) => {
        callOff = ports.clock.after(nextAfter, () => resolve(undefined));
      });
      const first = await Promise.race([firstOf(asked), late]);
      callOff();
      if (first !== undefined || signal.aborted) return first;
    }
    return await firstOf(asked);
  } finally {
    enough.abort();
  }
};

/** The first word there is; undefined where there is none. */
const firstOf = (asked: readonly Promise<Word | undefined>[]): Promise<Word | undefined> =>
  Promise.any(asked.map(async (word) => (await word) ?? Promise.reject(new Error('no word')))).catch(() => undefined);

const wordFrom = async (
  { url, headers = {} }: SourceSpec,
  kept: Held | undefined,
  { transport, clock }: Ports,
  signal: AbortSignal,
): Promise<Word | undefined> => {
  const given = headersFor(new URL(url), new URL(url), headers);
  const response = await transport.open({ method: 'GET', url, headers: { ...given, ...conditionsOf(kept), range: 'bytes=0-0' } }, signal);
  try {
    return wordOf(response, url, clock.wall());
  } finally {
    response.close();
  }
};

const conditionsOf = (kept: Held | undefined): Record<string, string> => {
  if (kept?.etag !== undefined) return { 'if-none-match': kept.etag };
  return kept?.lastModified === undefined ? {} : { 'if-modified-since': kept.lastModified };
};

const wordOf = (response: Response, url: string, wall: number): Word | undefined => {
  const { lifetime } = freshnessOf(response.headers, wall);
  if (response.status === 304) return { length: undefined, etag: undefined, lastModified: undefined, lifetime, url, holds: true };
  const answer = readAnswer(response, { start: 0, end: 1 }, wall);
  if (answer.kind === 'outside') return undefined;
  const { length, validator } = answer.representation;
  return { length, etag: validator.etag, lastModified: validator.lastModified, lifetime, url, holds: false };
};
