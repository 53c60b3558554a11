import { createHash, randomBytes } from 'node:crypto';

import { type Range, sizeOf } from '../core/range.ts';
import { requestedRanges } from '../http/byte-ranges.ts';
import { type CacheUse, cacheStatus } from '../http/cache-status.ts';
import { dispositionField } from '../http/disposition.ts';
import { servedType } from '../http/media-type.ts';
import { type MultipartRanges, multipartRanges } from '../http/multipart-ranges.ts';
import { judge, rangeApplies } from '../http/preconditions.ts';
import { safeName } from '../http/safe-name.ts';
import type { ServedFacts } from './served-facts.ts';
import type { TaskConfig } from './task-config.ts';

/** What a request for a file asks; `headers` finds a field by its lower-case name. */
export interface StreamRequest {
  readonly method: 'GET' | 'HEAD';
  readonly headers: { get(name: string): string | undefined };
}

/** What a file is served as. */
export interface StreamFile {
  readonly id: string;
  readonly config: TaskConfig;
  readonly facts: ServedFacts;
  readonly use: CacheUse;
}

/** The head of an answer, and which bytes follow it. */
export interface StreamHead {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** In the order of the body; none for 304, 412 and 416. The end may be Infinity: as long as the file is. */
  readonly ranges: readonly Range[];
  /** What stands between several ranges. */
  readonly multipart?: MultipartRanges;
}

const exposed =
  'Accept-Ranges, Cache-Status, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Server-Timing, X-Hydraria-Task';
/** What is heard and seen holds no scripts, and a tab that shows it fetches it once more, which the sandbox of other files forbids. */
const media = /^(?:audio|video)\//i;
const mediaPolicy = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'";

/** The head that answers `request` (RFC 9110 §13.2.2, §14). `wall` is the time now. */
export const streamHead = (request: StreamRequest, file: StreamFile, wall: number): StreamHead => {
  const { facts, config, id } = file;
  const filters = config.plugins.filter(({ enabled }) => enabled);
  const etag = filters.length === 0 ? facts.etag : filteredTag(facts.etag, filters);
  const current = {
    ...(etag !== undefined && { etag }),
    ...(facts.lastModified !== undefined && { lastModified: facts.lastModified }),
    ...(facts.date !== undefined && { date: facts.date }),
  };
  const name = servedName(config, facts);
  const type = servedType(facts.type, name, config.content_disposition === 'inline' || filters.length > 0) ?? 'application/octet-stream';
  const { length } = facts;
  const about = {
    'accept-ranges': facts.ranges ? 'bytes' : 'none',
    ...(etag !== undefined && { etag }),
    ...(facts.lastModified !== undefined && { 'last-modified': facts.lastModified }),
    'cache-status': cacheStatus(file.use),
    'x-hydraria-task': id,
    'x-content-type-options': 'nosniff',
    'access-control-expose-headers': exposed,
  };
  const verdict = judge(request, current, wall);
  if (verdict !== 'proceed') return { status: verdict === 'failed' ? 412 : 304, headers: about, ranges: [] };
  const content = {
    ...about,
    'content-type': type,
    ...(name !== undefined && {
      'content-disposition': dispositionField(config.content_disposition === 'attachment' ? 'attachment' : 'inline', name),
    }),
    ...(media.test(type) && { 'content-security-policy': mediaPolicy }),
  };
  const asked = rangeApplies(request.headers.get('if-range'), current) ? request.headers.get('range') : undefined;
  if (length === undefined) return { status: 200, headers: content, ranges: [{ start: 0, end: Number.POSITIVE_INFINITY }] };
  const ranges = requestedRanges(asked, length);
  if (ranges === 'all') return { status: 200, headers: { ...content, 'content-length': `${length}` }, ranges: [{ start: 0, end: length }] };
  if (ranges === 'unsatisfiable') return { status: 416, headers: { ...about, 'content-range': `bytes */${length}` }, ranges: [] };
  const [only] = ranges;
  if (only !== undefined && ranges.length === 1) {
    const range = `bytes ${only.start}-${only.end - 1}/${length}`;
    return { status: 206, headers: { ...content, 'content-length': `${sizeOf(only)}`, 'content-range': range }, ranges };
  }
  const multipart = multipartRanges(ranges, { length, type }, randomBytes(18).toString('hex'));
  const headers = { ...content, 'content-type': multipart.contentType, 'content-length': `${multipart.contentLength}` };
  return { status: 206, headers, ranges, multipart };
};

/** Where the first byte that `request` wants may lie, before the length is known. */
export const likelyStart = (range: string | undefined): number => {
  const first = /^\s*bytes\s*=\s*(\d{1,15})\s*-/i.exec(range ?? '')?.[1];
  return first === undefined ? 0 : Number(first);
};

/** Bytes that a filter changed are another representation, and as surely this one as the source's were. */
const filteredTag = (etag: string | undefined, filters: TaskConfig['plugins']): string | undefined => {
  if (etag === undefined) return undefined;
  const hash = createHash('sha256')
    .update(JSON.stringify([etag, filters]))
    .digest('hex')
    .slice(0, 24);
  return `${etag.startsWith('W/') ? 'W/' : ''}"filtered-${hash}"`;
};

/** Name that a file is saved as; undefined where it has none. */
export const servedName = (config: TaskConfig, facts: Pick<ServedFacts, 'name'>): string | undefined => {
  const given = [config.output_filename, ...(config.auto_filename ? [config.name] : [])];
  const names = config.auto_filename ? [facts.name, ...given] : given;
  return names.map((name) => safeName(name ?? '')).find((name) => name !== '');
};
