import { lastSegment } from './file-name.ts';
import { typeOfName } from './media-type.ts';
import { splitName } from './safe-name.ts';

const commonPrefix = (texts: readonly string[]): string => {
  const [first = [], ...others] = texts.map((text) => Array.from(text));
  const end = first.findIndex((character, index) => others.some((other) => other[index] !== character));
  return (end < 0 ? first : first.slice(0, end)).join('');
};

/** `prefix` without the beginning of a count: digits, what separates them, and the word before them. */
const withoutCount = (prefix: string): string => {
  const bare = prefix
    .replace(/[\d._ ([-]+$/, '')
    .replace(/(?:part|Part|PART|vol|Vol|VOL|卷|第)$/, '')
    .replace(/[._ ([-]+$/, '');
  // The digit of `.mp4` is no count.
  const whole = bare + (/^\d+/.exec(prefix.slice(bare.length))?.[0] ?? '');
  return typeOfName(whole) === undefined ? bare : whole;
};

const merged = (names: readonly string[]): string => (names.length < 2 ? '' : withoutCount(commonPrefix(names)));

/**
 * Name of the file that volumes make together: what their names begin with, less the beginning of a count; else the same
 * of the last segments of their URLs; else the first name. `movie.part01.mp4`, `movie.part02.mp4` are `movie`.
 */
export const mergedName = (names: readonly string[], urls: readonly string[]): string => {
  const segments = urls.map(lastSegment);
  return merged(names) || merged(segments) || names[0] || segments[0] || '';
};

/**
 * `mergedName` with an extension by which its type can be known: the one that all names have, where it is a registered
 * one and the name has lost it. `movie.part01.mp4`, `movie.part02.mp4` are `movie.mp4`.
 */
export const mergedFileName = (names: readonly string[], urls: readonly string[]): string => {
  const name = mergedName(names, urls);
  const [extension = '', ...others] = (names.length < 2 ? urls.map(lastSegment) : names).map((part) => splitName(part)[1]);
  const shared = others.every((other) => other.toLowerCase() === extension.toLowerCase());
  const kept = name.toLowerCase().endsWith(extension.toLowerCase());
  return !shared || kept || typeOfName(extension) === undefined ? name : name + extension;
};
