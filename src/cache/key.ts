import { createHash } from 'node:crypto';

const sha256 = (parts: Iterable<string>): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** URLs of one volume, sorted by their UTF-8 bytes. A string's own order is by UTF-16 units, which is another one. */
const sorted = (urls: readonly string[]): string[] =>
  urls
    .map((url) => Buffer.from(url))
    .sort(Buffer.compare)
    .map((url) => `${url}\n`);

/** The name of an entry in the cache: 24 hex digits. The order of volumes counts, that of mirrors doesn't; headers and filters don't either. */
export const cacheKey = (volumes: readonly (readonly string[])[]): string => {
  const parts = volumes.map(sorted);
  const whole = parts.length === 1 ? parts.flat() : ['vols-v2:', ...parts.flatMap((urls) => ['|', ...urls])];
  return sha256(whole).toString('hex', 0, 12);
};

/**
 * The entity-tag of a file that consists of volumes, from theirs, quotes included; undefined where none has one. That of
 * a single volume is its own. Weak where any part is weak or has none: equal tags then prove no equal bytes (RFC 9110 §8.8.1).
 */
export const compositeTag = (tags: readonly (string | undefined)[]): string | undefined => {
  if (tags.length < 2) return tags[0];
  if (tags.every((tag) => tag === undefined)) return undefined;
  const strong = tags.every((tag) => tag?.startsWith('"'));
  return `${strong ? '' : 'W/'}"vols-${sha256([tags.map((tag) => tag ?? '').join('\n'), '\n']).toString('hex', 0, 8)}"`;
};
