import { HydrantError, redactUrl } from '../core/errors.ts';
import { type Digest, parseDigest } from '../digest/digest.ts';
import type { SourceSpec } from '../engine/source.ts';
import type { LayoutSpec } from '../engine/sources.ts';
import { checkHeader } from '../http/headers.ts';
import { parseWanted } from '../http/range-field.ts';

type Headers = Readonly<Record<string, string>>;

/** One file: where its bytes are, what they must be, which of them are wanted and what it is to be called. */
export interface FileSpec {
  /** Consecutive parts, end to end; each with the mirrors that serve it. Mostly one part with one source. */
  readonly volumes: readonly (readonly SourceSpec[])[];
  /** Name in the output directory, `/` between folders; never outside it. */
  readonly out?: string;
  /** Expected digest of the whole file: `sha256:HEX` or `sha256-BASE64`. */
  readonly checksum?: string;
  /** Part of the file: `A-B` (first and last byte, counted from 0), `A-` (from A on), `-N` (the last N). */
  readonly range?: string;
  /** Whether its sources were named as mirrors, so that a Metalink among them is meant for what it lists; it is refused then. */
  readonly mirrored?: boolean;
  /** Sent with every request for this file; those of a source win. */
  readonly headers?: Headers;
}

/** `file` in its long form, checked. Throws OPTION_INVALID for a URL that is neither http nor https, a header that cannot be sent, or a checksum or range that is none. */
export const fileSpecOf = (file: string | FileSpec): FileSpec => {
  const spec = typeof file === 'string' ? { volumes: [[{ url: file }]] } : file;
  if (spec.volumes.length === 0 || spec.volumes.some((mirrors) => mirrors.length === 0)) {
    throw new HydrantError('OPTION_INVALID', 'a file needs a source for each of its volumes');
  }
  for (const { url, headers = {} } of spec.volumes.flat()) {
    checkUrl(url);
    checkHeaders(headers);
  }
  checkHeaders(spec.headers ?? {});
  expectedOf(spec);
  if (spec.range !== undefined) parseWanted(spec.range);
  if (spec.range !== undefined && spec.checksum !== undefined) {
    throw new HydrantError('OPTION_INVALID', 'a checksum is that of the whole file: it cannot be given with a range');
  }
  return spec;
};

/** The sources of `spec`, each with the headers it is asked with: `headers` < the file's < its own. */
export const layoutOf = (spec: FileSpec, headers: Headers): LayoutSpec =>
  spec.volumes.map((mirrors) =>
    mirrors.map((source) => ({ ...source, headers: merged(headers, spec.headers ?? {}, source.headers ?? {}) })),
  );

/** The digest that the file must have, where one was given. Throws OPTION_INVALID. */
export const expectedOf = ({ checksum }: FileSpec): Digest | undefined => (checksum === undefined ? undefined : parseDigest(checksum));

/** URL of the first source, as given. */
export const firstUrl = (spec: FileSpec): string => spec.volumes[0]?.[0]?.url ?? '';

/** Throws OPTION_INVALID for a header that is none, or that the transfer itself decides on. */
export const checkHeaders = (headers: Headers): void => {
  for (const [name, value] of Object.entries(headers)) checkHeader({ name, value });
};

const checkUrl = (url: string): void => {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return;
  const hint = protocol === '' && URL.canParse(`https://${url}`) ? ` (https://${redactUrl(url)} is one)` : '';
  throw new HydrantError('OPTION_INVALID', `"${redactUrl(url)}" is not an http or https URL${hint}`, { url });
};

/** Field names are case-insensitive (RFC 9110 §5.1): the last one given wins, however it is spelt. */
const merged = (...layers: readonly Headers[]): Headers => {
  const fields = new Map<string, string>();
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) fields.set(name.toLowerCase(), value);
  return Object.fromEntries(fields);
};
