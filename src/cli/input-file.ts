import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { fromText } from '../core/option-value.ts';
import { optionTable } from '../core/options.ts';

/** One file of an input list: its sources and what belongs to it alone. `line` counts from 1; headers are `K: V`. */
export interface InputEntry {
  readonly line: number;
  readonly urls: readonly string[];
  readonly out?: string;
  readonly checksum?: string;
  readonly headers: readonly string[];
}

const keys = ['out', 'checksum', 'header', 'referer'] as const;

/**
 * Reads aria2's input format: a line of tab-separated mirrors per file, `#` comments, blank lines, and below a line its
 * indented `key=value` lines. `place` is the list's name in messages. Throws OPTION_INVALID with the line's number.
 */
export const readInput = (text: string, place: string): readonly InputEntry[] => {
  const entries: InputEntry[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const here = `${place}:${index + 1}:`;
    if (!/^\s/.test(raw)) {
      entries.push({ line: index + 1, urls: line.split(/\t+/).map((url) => url.trim()), headers: [] });
      continue;
    }
    const last = entries.pop();
    if (last === undefined) throw refused(`${here} "${line}" belongs to no URL: URLs begin at the start of a line`);
    entries.push(withSetting(last, line, here));
  }
  return entries;
};

const withSetting = (entry: InputEntry, line: string, here: string): InputEntry => {
  const equals = line.indexOf('=');
  const key = equals < 0 ? line : line.slice(0, equals).trim();
  const value = equals < 0 ? '' : line.slice(equals + 1).trim();
  if (equals < 0) throw refused(`${here} "${line}" is no key=value line`);
  if (value === '') throw refused(`${here} ${key}= has no value`);
  switch (key) {
    case 'out':
      return { ...entry, out: value };
    case 'checksum':
      return { ...entry, checksum: String(fromText(optionTable.checksum, ownForm(value), `${here} checksum`)) };
    case 'header':
      return { ...entry, headers: [...entry.headers, ...(fromText(optionTable.header, value, `${here} header`) as string[])] };
    case 'referer':
      return { ...entry, headers: [...entry.headers, `Referer: ${value}`] };
    default:
      throw refused(`${here} there is no key "${key}"${didYouMean(key, keys)}; known are ${keys.join(', ')}`);
  }
};

/** aria2 writes `sha-256=HEX` where hydrant writes `sha256:HEX`. */
const ownForm = (checksum: string): string =>
  checksum.replace(/^(md5|sha-?\d+)=(?=[0-9a-f]+$)/i, (_, name: string) => `${name.replace('-', '').toLowerCase()}:`);

const refused = (message: string): HydrantError => new HydrantError('OPTION_INVALID', message);
