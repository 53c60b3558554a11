import { HydrantError } from '../core/errors.ts';
import { type ListSetting, readList } from '../core/input-list.ts';
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

/** Reads aria2's input format, with the keys that are hydrant's. `place` is the list's name in messages. Throws OPTION_INVALID with the line's number. */
export const readInput = (text: string, place: string): readonly InputEntry[] =>
  readList(text, (line) => `${place}:${line}:`).map(({ line, urls, settings }) =>
    settings.reduce(withSetting, { line, urls, headers: [] }),
  );

const withSetting = (entry: InputEntry, { key, value, place }: ListSetting): InputEntry => {
  switch (key) {
    case 'out':
      return { ...entry, out: value };
    case 'checksum':
      return { ...entry, checksum: String(fromText(optionTable.checksum, ownForm(value), `${place} checksum`)) };
    case 'header':
      return { ...entry, headers: [...entry.headers, ...(fromText(optionTable.header, value, `${place} header`) as string[])] };
    case 'referer':
      return { ...entry, headers: [...entry.headers, `Referer: ${value}`] };
    default:
      throw new HydrantError('OPTION_INVALID', `${place} there is no key "${key}"${didYouMean(key, keys)}; known are ${keys.join(', ')}`);
  }
};

/** aria2 writes `sha-256=HEX` where hydrant writes `sha256:HEX`. */
const ownForm = (checksum: string): string =>
  checksum.replace(/^(md5|sha-?\d+)=(?=[0-9a-f]+$)/i, (_, name: string) => `${name.replace('-', '').toLowerCase()}:`);
