import { HydrantError } from './errors.ts';

/** A `key=value` line below a file's. `place` begins a message about it. */
export interface ListSetting {
  readonly key: string;
  readonly value: string;
  readonly place: string;
}

/** One file of a list: the URLs of its mirrors, and what was written below them. `line` counts from 1. */
export interface ListEntry {
  readonly line: number;
  readonly urls: readonly string[];
  readonly settings: readonly ListSetting[];
}

/**
 * Reads the form of aria2's input files: a line of tab-separated mirrors per file, `#` comments, blank lines, and below
 * a line its indented `key=value` lines. `placeOf` a line, counted from 1,
 * begins messages about it. Throws OPTION_INVALID.
 */
export const readList = (text: string, placeOf: (line: number) => string): readonly ListEntry[] => {
  const entries: { line: number; urls: string[]; settings: ListSetting[] }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const here = placeOf(index + 1);
    if (!/^\s/.test(raw)) {
      entries.push({ line: index + 1, urls: line.split(/\t+/).map((url) => url.trim()), settings: [] });
      continue;
    }
    const last = entries.at(-1);
    if (last === undefined) throw refused(`${here} "${line}" belongs to no URL: URLs begin at the start of a line`);
    last.settings.push(settingIn(line, here));
  }
  return entries;
};

const settingIn = (line: string, place: string): ListSetting => {
  const equals = line.indexOf('=');
  if (equals < 0) throw refused(`${place} "${line}" is no key=value line`);
  const key = line.slice(0, equals).trim();
  const value = line.slice(equals + 1).trim();
  if (value === '') throw refused(`${place} ${key}= has no value`);
  return { key, value, place };
};

const refused = (message: string): HydrantError => new HydrantError('OPTION_INVALID', message);
