import type { FileSpec } from '../client/file-spec.ts';
import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';
import type { InputEntry } from './input-file.ts';
import { requestHeaders } from './request-headers.ts';
import { checkUrl } from './urls.ts';

/** The options that decide which files there are. */
export type Wishes = Pick<
  Options,
  'mirrors' | 'volumes' | 'checksum' | 'range' | 'header' | 'userAgent' | 'referer' | 'cookie' | 'user' | 'bearer'
>;

/**
 * The files that arguments and an input list ask for, in that order. URLs in one argument, with blanks between them, are
 * mirrors. Throws OPTION_INVALID where something is no URL, or belongs to one file and there are several.
 */
export const planFiles = (args: readonly string[], list: readonly InputEntry[], wishes: Wishes, place: string): readonly FileSpec[] => {
  if (wishes.mirrors && wishes.volumes) {
    throw invalid('--mirrors', 'and --volumes exclude each other: put the mirrors of a volume into one argument, with blanks between them');
  }
  const items: readonly Item[] = [...args.map(fromArgument), ...list.map((entry) => ({ ...entry, place: `${place}:${entry.line}:` }))];
  const common = requestHeaders(wishes);
  const sources = items.map((item) => {
    const headers = requestHeaders({ header: item.headers }, common);
    return item.urls.map((url) => ({ url: checkUrl(url, item.place), ...(Object.keys(headers).length > 0 && { headers }) }));
  });
  const files = wishes.volumes
    ? [merged(items, sources)]
    : wishes.mirrors
      ? [merged(items, [sources.flat()])]
      : items.map((item, index) => merged([item], [sources[index] ?? []]));
  const wanted = files.filter((file) => file.volumes.some((volume) => volume.length > 0));
  if (wishes.checksum !== undefined && wanted.length > 1) {
    throw invalid('--checksum', `belongs to one file and ${wanted.length} are asked for: write checksum= lines in an input file`);
  }
  return wanted.map((file) => ({
    ...file,
    ...(wishes.mirrors && { mirrored: true }),
    ...(wishes.checksum !== undefined && { checksum: wishes.checksum }),
    ...(wishes.range !== undefined && { range: wishes.range }),
  }));
};

interface Item {
  readonly urls: readonly string[];
  readonly place: string;
  readonly headers: readonly string[];
  readonly out?: string;
  readonly checksum?: string;
}

/** Blanks part the mirrors in an argument; one in which not every word looks like a URL is shown whole when it is refused. */
const fromArgument = (argument: string): Item => {
  const words = argument.trim().split(/\s+/);
  return { urls: words.every((word) => word.includes('://')) ? words : [argument], place: '', headers: [] };
};

/** One file of several items; the first that names it or its checksum counts. */
const merged = (items: readonly Item[], volumes: FileSpec['volumes']): FileSpec => {
  const out = items.find((item) => item.out !== undefined)?.out;
  const owner = items.find((item) => item.checksum !== undefined);
  if (owner !== undefined && volumes.length > 1) {
    throw invalid(`${owner.place} checksum`, 'belongs to one volume: give the checksum of the whole with --checksum');
  }
  return { volumes, ...(out !== undefined && { out }), ...(owner?.checksum !== undefined && { checksum: owner.checksum }) };
};
