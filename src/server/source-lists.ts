import { redactUrl } from '../core/errors.ts';

/** Most URLs that one task may have. */
export const mostSources = 4096;
const longestUrl = 8192;

type Volumes = readonly (readonly string[])[];

/** What sources were given as, or why they can't be taken. */
export type SourceList = { readonly volumes: Volumes; readonly why?: undefined } | { readonly why: string };

/** A URL as it is kept, without the blanks around it; or why it is none that can be asked. */
const checkUrl = (text: string): string | undefined => {
  const shown = JSON.stringify(redactUrl(text));
  if (text.length > longestUrl) return `a URL has more than ${longestUrl} characters`;
  for (const character of text)
    if (character <= ' ' || character === '\x7f') return `${shown} is no URL: it has blanks or control characters`;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return undefined;
  const hint = protocol === '' && URL.canParse(`https://${text}`) ? ` (https://${redactUrl(text)} is one)` : '';
  return `${shown} is not an http or https URL${hint}`;
};

/**
 * Volumes in `value`: one URL, the mirrors of one volume, or a list of volumes, each a list of mirrors. Blank URLs and
 * volumes without any are left out, so there may be none left.
 */
export const sourceList = (value: unknown): SourceList => {
  const rows = rowsOf(value);
  if (typeof rows === 'string') return { why: rows };
  const volumes = rows.map((mirrors) => mirrors.map((url) => url.trim()).filter((url) => url !== '')).filter(({ length }) => length > 0);
  const urls = volumes.flat();
  if (urls.length > mostSources) return { why: `has ${urls.length} URLs; a task takes ${mostSources} at most` };
  for (const url of urls) {
    const why = checkUrl(url);
    if (why !== undefined) return { why };
  }
  return { volumes };
};

const shape = 'is a URL, a list of URLs that are mirrors of one another, or a list of volumes, each a list of mirrors';

const rowsOf = (value: unknown): readonly (readonly string[])[] | string => {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [[value]];
  if (!Array.isArray(value)) return shape;
  if (value.every(isText)) return [value];
  if (value.every((row) => Array.isArray(row) && row.every(isText))) return value as string[][];
  const mixed = value.every((row) => isText(row) || Array.isArray(row));
  return mixed ? 'mixes URLs and lists: it is either a list of URLs (mirrors) or a list of volumes, each a list of mirrors' : shape;
};

const isText = (value: unknown): value is string => typeof value === 'string';
