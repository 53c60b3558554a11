import mime from 'mime';

import { decodePercent } from './octets.ts';
import { safeName, splitName } from './safe-name.ts';

/** What a file's name is made from. */
export interface NameSources {
  /** Name that Content-Disposition asks for. */
  readonly disposition: string | undefined;
  /** URL that answered, after redirects. */
  readonly url: string;
  /** URL as it was asked for. */
  readonly asked: string;
  /** Media type without parameters. */
  readonly type: string | undefined;
}

/** Types whose first registered extension is not the one that people use. */
const usual: Readonly<Record<string, string>> = {
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'video/quicktime': 'mov',
};

const lastSegment = (url: string): string => {
  if (!URL.canParse(url)) return '';
  return decodePercent(new URL(url).pathname.split('/').findLast((segment) => segment !== '') ?? '');
};

// "bin" is what there is for types that say nothing.
const extensionOf = (type: string): string => {
  const extension = usual[type] ?? mime.getExtension(type) ?? 'bin';
  return extension === 'bin' ? '' : `.${extension}`;
};

/**
 * Safe name for a download: the one asked for by Content-Disposition, else the last path segment of the URL that
 * answered, else of the one asked for, else `download`; with an extension by the type where it has none.
 */
export const fileName = ({ disposition, url, asked, type }: NameSources): string => {
  const name = [disposition ?? '', lastSegment(url), lastSegment(asked)].map(safeName).find((safe) => safe !== '') ?? 'download';
  const bare = splitName(name)[1] === '' && type !== undefined;
  return bare ? safeName(name + extensionOf(type)) : name;
};
