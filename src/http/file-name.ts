import { extensionOf } from './media-type.ts';
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

/** Last path segment of a URL that is not empty, percent-decoded; empty where there is none. */
export const lastSegment = (url: string): string => {
  if (!URL.canParse(url)) return '';
  return decodePercent(new URL(url).pathname.split('/').findLast((segment) => segment !== '') ?? '');
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
