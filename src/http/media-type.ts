import mime from 'mime';

import { mediaType } from './headers.ts';

/** Type and extension where the library has another one than people and browsers use. */
const usual: readonly (readonly [type: string, extension: string])[] = [
  ['audio/aac', 'aac'],
  ['audio/flac', 'flac'],
  ['audio/mpeg', 'mp3'],
  ['audio/ogg', 'ogg'],
  ['video/quicktime', 'mov'],
];

/** Type that says nothing. */
const unknown = 'application/octet-stream';

/** Extension, dot included, of files of a type; empty where there is none that says anything. */
export const extensionOf = (type: string): string => {
  const extension = usual.find(([known]) => known === type)?.[1] ?? mime.getExtension(type) ?? 'bin';
  return extension === 'bin' ? '' : `.${extension}`;
};

/** Type of files with the extension of `name`; undefined where that says nothing. */
export const typeOfName = (name: string): string | undefined => {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  const type = usual.find(([, known]) => known === extension)?.[0] ?? mime.getType(extension) ?? unknown;
  return type === unknown ? undefined : type;
};

/**
 * Media type that a file is served with: as its source says, but a missing one or application/octet-stream gives way to
 * that of the file's name where `mend` is set, which is for what a browser shows and for what a filter has changed.
 */
export const servedType = (type: string | undefined, name: string | undefined, mend: boolean): string | undefined => {
  const says = mediaType(type);
  if (!mend || name === undefined || (says !== undefined && says !== unknown)) return type;
  return typeOfName(name) ?? type;
};
