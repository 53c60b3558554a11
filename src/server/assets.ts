/*
 * The page and what it loads, as the build leaves them: every file with its name's hash, `.br` and `.gz` beside it. All of it is
 * small enough to be kept in memory, and is read when somebody asks for the first time.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import mime from 'mime';

import { answerText } from './plain-answer.ts';

/** Answers a request for the page or a part of it; false, and nothing is answered, where it is for something else. */
export type AnswerAsset = (request: IncomingMessage, response: ServerResponse) => boolean;

type Coding = 'br' | 'gzip' | 'identity';

interface Asset {
  readonly type: string;
  /** Of what the file says, whatever it is coded in. */
  readonly sum: string;
  readonly bytes: Readonly<Record<Coding, Buffer | undefined>>;
}

const forever = 'public, max-age=31536000, immutable';
const notBuilt = 'hydrant runs, but its page is not built: npm run build makes it.\nThe interface is described at api/openapi.json.\n';

/** Where the build puts the page. */
export const assetsFolder = (): string => join(dirname(createRequire(import.meta.url).resolve('hydrant/package.json')), 'dist', 'web');

/** The page in `folder`, where one is. `isPage` says of a path whether it may be one of the page's own. */
export const assetsOf = (folder: string, isPage: (path: string) => boolean): AnswerAsset => {
  let read: ReadonlyMap<string, Asset> | undefined;
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const path = (request.url ?? '').replace(/[?#].*$/s, '');
    const isHome = path === '/' || path === '/index.html';
    if (!isHome && !isPage(path)) return false;
    read ??= filesIn(folder);
    const index = read.get('index.html');
    if (isHome && index === undefined) {
      answerText(response, 503, 'text/plain; charset=utf-8', notBuilt);
      return true;
    }
    const asset = isHome ? undefined : read.get(path.slice(1));
    if (asset !== undefined) answer(request, response, asset, forever);
    else if (index !== undefined && (isHome || wantsPage(path, request))) answer(request, response, below(index, path), 'no-cache');
    else return false;
    return true;
  };
};

/** Whether somebody goes to `path` with a browser, and it names no file. */
const wantsPage = (path: string, { headers }: IncomingMessage): boolean =>
  /\btext\/html\b/.test(headers.accept ?? '') && !/\.[^/]*$/.test(path);

/** `index` as it must be where it is found at `path`: what it loads stays where it is. */
const below = (index: Asset, path: string): Asset => {
  const depth = path.split('/').length - 2;
  const { identity } = index.bytes;
  if (depth === 0 || identity === undefined) return index;
  const text = identity.toString().replaceAll('="./', `="${'../'.repeat(depth)}`);
  return { ...index, sum: `${index.sum}-${depth}`, bytes: { identity: Buffer.from(text), br: undefined, gzip: undefined } };
};

const answer = (request: IncomingMessage, response: ServerResponse, { type, sum, bytes }: Asset, caching: string): void => {
  const coding = codingFor(request.headers['accept-encoding'] ?? '', bytes);
  const etag = `"${sum}${coding === 'identity' ? '' : `-${coding}`}"`;
  response.setHeader('cache-control', caching);
  response.setHeader('vary', 'Accept-Encoding');
  response.setHeader('etag', etag);
  if (tagsIn(request.headers['if-none-match']).some((tag) => tag === '*' || tag === etag)) {
    response.writeHead(304).end();
    return;
  }
  const body = bytes[coding] ?? Buffer.alloc(0);
  if (coding !== 'identity') response.setHeader('content-encoding', coding);
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
};

const tagsIn = (field: string | undefined): readonly string[] => (field ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** The smallest of what there is that `accepted` allows (RFC 9110 §12.5.3). */
const codingFor = (accepted: string, bytes: Asset['bytes']): Coding => {
  const allowed = new Map(
    accepted
      .toLowerCase()
      .split(',')
      .map((item) => {
        const [name = '', quality = ''] = item.split(';').map((part) => part.trim());
        return [name, !/^q=0(?:\.0*)?$/.test(quality)] as const;
      }),
  );
  const any = allowed.get('*') === true;
  return (['br', 'gzip'] as const).find((coding) => bytes[coding] !== undefined && (allowed.get(coding) ?? any)) ?? 'identity';
};

const filesIn = (folder: string): ReadonlyMap<string, Asset> => {
  const bytesOf = (path: string): Buffer | undefined => (paths.has(path) ? readFileSync(path) : undefined);
  const paths = new Set(listed(folder));
  const files = new Map<string, Asset>();
  for (const path of paths) {
    if (/\.(?:br|gz)$/.test(path)) continue;
    const identity = readFileSync(path);
    const kind = mime.getType(path) ?? 'application/octet-stream';
    files.set(relative(folder, path).split(sep).join('/'), {
      type: /^text\/|[/+](?:javascript|json|xml)$/.test(kind) ? `${kind}; charset=utf-8` : kind,
      sum: createHash('sha256').update(identity).digest('base64url').slice(0, 16),
      bytes: { identity, br: bytesOf(`${path}.br`), gzip: bytesOf(`${path}.gz`) },
    });
  }
  return files;
};

const listed = (folder: string): readonly string[] => {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
};
