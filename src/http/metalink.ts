/** Metalink documents: version 4 (RFC 5854) and 3. What they say of files, none of it believed further than it can be checked. */
import { HydrantError } from '../core/errors.ts';
import { safeName } from './safe-name.ts';
import { attribute, childrenOf, parseXml, textOf, type XmlElement } from './xml.ts';

/** One URL of a file. The lower the priority, the sooner it is used: 1 to 999999. */
export interface MetalinkMirror {
  readonly url: string;
  readonly priority: number;
  /** Country code (ISO 3166-1) in lower case. */
  readonly location?: string;
}

/** A value over the whole file; `hex` in lower case. */
export interface MetalinkDigest {
  readonly algorithm: string;
  readonly hex: string;
}

/** Values over consecutive pieces of `length` bytes, the last one shorter perhaps. */
export interface MetalinkPieces {
  readonly algorithm: string;
  readonly length: number;
  readonly hashes: readonly string[];
}

/** One file of a Metalink: mirrors in the order of their use, of http and https only; `dropped` counts the others. */
export interface MetalinkFile {
  readonly name: string;
  readonly length?: number;
  readonly mirrors: readonly MetalinkMirror[];
  readonly digests: readonly MetalinkDigest[];
  readonly pieces?: MetalinkPieces;
  readonly dropped: number;
}

/** No list of mirrors comes near it. */
const longestText = 4 * 1_048_576;
const leastPriority = 999_999;

/** Hexadecimal digits of the algorithms that can be checked; of their names only letters and digits count. */
const digits: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

const refused = (detail: string): HydrantError => new HydrantError('OPTION_INVALID', `the Metalink ${detail.replace(/\s*\n\s*/g, ' ')}`);
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** The files that a Metalink document of version 3 or 4 lists. Throws OPTION_INVALID. */
export const parseMetalink = (text: string): readonly MetalinkFile[] => {
  if (text.length > longestText) throw refused(`has more than ${longestText} characters`);
  const root = parseXml(text, 'the Metalink');
  if (root.name !== 'metalink') throw refused(`is something else: its first element is ${shown(root.name)}`);
  const four = childrenOf(root, 'file');
  const three = childrenOf(root, 'files').flatMap((files) => childrenOf(files, 'file'));
  const files = [...four.map((file) => fileOf(file, version4)), ...three.map((file) => fileOf(file, version3))];
  if (files.length === 0) throw refused('lists no file');
  return files;
};

/** Where a version keeps things, and how its URLs are ordered. */
interface Version {
  readonly urls: (file: XmlElement) => readonly XmlElement[];
  readonly sums: (file: XmlElement) => readonly XmlElement[];
  readonly priority: (url: XmlElement, name: string) => number;
}

const version4: Version = {
  urls: (file) => childrenOf(file, 'url'),
  sums: (file) => [file],
  priority: (url, name) => wholeIn(attribute(url, 'priority') ?? `${leastPriority}`, 1, leastPriority, `priority of a URL of ${name}`),
};

// A preference of 100 is the first choice there (Metalink 3.0 §4.1.2.4); one that isn't said is the last.
const version3: Version = {
  urls: (file) =>
    childrenOf(file, 'resources')
      .flatMap((resources) => childrenOf(resources, 'url'))
      .filter((url) => attribute(url, 'type')?.toLowerCase() !== 'bittorrent'),
  sums: (file) => childrenOf(file, 'verification'),
  priority: (url, name) => {
    const preference = attribute(url, 'preference');
    return preference === undefined ? leastPriority : 101 - wholeIn(preference, 0, 100, `preference of a URL of ${name}`);
  },
};

const fileOf = (file: XmlElement, version: Version): MetalinkFile => {
  const given = attribute(file, 'name')?.trim() ?? '';
  if (given === '') throw refused('has a file without a name');
  const name = safeName(given.split(/[/\\]/).findLast((part) => part.trim() !== '') ?? '') || 'download';
  const [size] = childrenOf(file, 'size');
  const length = size && wholeIn(textOf(size), 0, Number.MAX_SAFE_INTEGER, `size of ${shown(name)}`);
  const urls = version.urls(file);
  const mirrors = urls.flatMap((url) => mirrorOf(url, version, shown(name)));
  const sums = version.sums(file);
  const [pieces] = sums.flatMap((sum) => childrenOf(sum, 'pieces')).flatMap((found) => piecesOf(found, length, shown(name)));
  return {
    name,
    ...(length !== undefined && { length }),
    mirrors: mirrors.toSorted((a, b) => a.priority - b.priority),
    digests: sums.flatMap((sum) => childrenOf(sum, 'hash')).flatMap((hash) => digestOf(hash, shown(name))),
    ...(pieces && { pieces }),
    dropped: urls.length - mirrors.length,
  };
};

const mirrorOf = (element: XmlElement, version: Version, name: string): readonly MetalinkMirror[] => {
  const url = textOf(element);
  const location = attribute(element, 'location')?.trim().toLowerCase();
  const priority = version.priority(element, name);
  if (!URL.canParse(url) || /\s/.test(url)) throw refused(`has a URL of ${name} that is none`);
  if (!/^https?:/i.test(url)) return [];
  return [{ url, priority, ...(location !== undefined && location !== '' && { location }) }];
};

/** The algorithm's name as digests have it; undefined where it can't be checked. */
const algorithmOf = (element: XmlElement, name: string): string | undefined => {
  const type = attribute(element, 'type')?.trim() ?? '';
  if (type === '') throw refused(`has a hash of ${name} without a type`);
  const key = type.toLowerCase().replace(/[-_/]/g, '');
  return Object.hasOwn(digits, key) ? key : undefined;
};

const hexOf = (element: XmlElement, algorithm: string, name: string): string => {
  const hex = textOf(element).toLowerCase();
  const wanted = digits[algorithm] ?? 0;
  if (!/^[\da-f]*$/.test(hex) || hex.length !== wanted)
    throw refused(`has a ${algorithm} hash of ${name} that is not ${wanted} hexadecimal digits`);
  return hex;
};

const digestOf = (element: XmlElement, name: string): readonly MetalinkDigest[] => {
  const algorithm = algorithmOf(element, name);
  return algorithm === undefined ? [] : [{ algorithm, hex: hexOf(element, algorithm, name) }];
};

const piecesOf = (element: XmlElement, total: number | undefined, name: string): readonly MetalinkPieces[] => {
  const algorithm = algorithmOf(element, name);
  if (algorithm === undefined) return [];
  const length = wholeIn(attribute(element, 'length') ?? '', 1, Number.MAX_SAFE_INTEGER, `length of the pieces of ${name}`);
  const rows = childrenOf(element, 'hash').map((hash, index) => ({ hash, place: placeOf(hash, index, name) }));
  const hashes = rows.toSorted((a, b) => a.place - b.place).map(({ hash }) => hexOf(hash, algorithm, name));
  const inOrder = new Set(rows.map(({ place }) => place)).size === rows.length && rows.every(({ place }) => place < rows.length);
  if (!inOrder || rows.length === 0) throw refused(`has pieces of ${name} that are not one after the other`);
  if (total !== undefined && hashes.length !== Math.ceil(total / length))
    throw refused(`has ${hashes.length} pieces of ${name}, where its size makes ${Math.ceil(total / length)}`);
  return [{ algorithm, length, hashes }];
};

/** Version 3 numbers the pieces; version 4 goes by their order. */
const placeOf = (hash: XmlElement, index: number, name: string): number =>
  wholeIn(attribute(hash, 'piece') ?? `${index}`, 0, Number.MAX_SAFE_INTEGER, `number of a piece of ${name}`);

const wholeIn = (text: string, min: number, max: number, what: string): number => {
  const value = /^\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw refused(`has a ${what} that is ${shown(text)}, no whole number from ${min} to ${max}`);
  return value;
};
