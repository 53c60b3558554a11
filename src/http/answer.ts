import { HydrantError } from '../core/errors.ts';
import type { Response } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import type { Representation } from '../core/representation.ts';
import { dispositionName, mediaType, retryAfter } from './headers.ts';
import { parseContentRange } from './range-field.ts';
import { statusText } from './status-text.ts';
import { validatorOf } from './validators.ts';

/** The part of a response that comes before its body. */
export type Head = Pick<Response, 'status' | 'headers' | 'url' | 'framing'>;

/** What the answer to a ranged GET is good for. */
export type Answer =
  /** The body is exactly `range`, which starts where asked and may end before or after what was asked. */
  | { readonly kind: 'part'; readonly range: Range; readonly representation: Representation }
  /** The body is the file from its first byte. */
  | { readonly kind: 'whole'; readonly representation: Representation }
  /** The file is there and has no bytes. */
  | { readonly kind: 'empty'; readonly representation: Representation }
  /** The file has no byte where asked; `length` as far as the source says it. */
  | { readonly kind: 'outside'; readonly length: number | undefined };

/** Length of the body, where its framing is by Content-Length (RFC 9112 §6.3); undefined otherwise. */
export const bodyLength = ({ headers, framing }: Pick<Head, 'headers' | 'framing'>): number | undefined => {
  if (framing !== 'length') return undefined;
  const [text = '', ...more] = (headers.get('content-length') ?? '').split(',').map((value) => value.trim());
  const length = Number(text);
  return /^\d+$/.test(text) && more.every((value) => value === text) && Number.isSafeInteger(length) ? length : undefined;
};

/** What a head says of the representation, once its length and whether ranges are served have been made out. */
export const representationOf = (head: Head, length: number | undefined, ranges: boolean): Representation => ({
  length,
  validator: validatorOf(head.headers),
  ranges,
  type: mediaType(head.headers.get('content-type')),
  name: dispositionName(head.headers.get('content-disposition')),
  url: head.url,
});

const quote = (text: string): string => JSON.stringify(text.slice(0, 100));

const useless = (head: Head, why: string): HydrantError =>
  new HydrantError('RANGE_IGNORED', `the source ${why}`, { url: head.url, status: head.status });

const refuseCoding = (head: Head): void => {
  const coding = head.headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (coding.split(',').some((name) => name.trim() !== '' && name.trim() !== 'identity'))
    throw useless(head, `compresses the file (${coding.slice(0, 100)}) although it was asked not to`);
};

const readPart = (head: Head, asked: Range): Answer => {
  const type = mediaType(head.headers.get('content-type'));
  const field = head.headers.get('content-range');
  if (field === undefined)
    throw useless(
      head,
      `answered 206 ${type === 'multipart/byteranges' ? 'in several parts (multipart/byteranges)' : 'without Content-Range'}`,
    );
  const said = parseContentRange(field);
  if (said?.range === undefined) throw useless(head, `answered 206 with Content-Range ${quote(field)}, which is no range of bytes`);
  const { range, length } = said;
  if (type === 'multipart/byteranges') throw useless(head, 'answered 206 in several parts (multipart/byteranges)');
  if (range.start !== asked.start)
    throw useless(head, `sent bytes from ${range.start} on where bytes from ${asked.start} on were asked for`);
  const body = bodyLength(head);
  if (body !== undefined && body !== sizeOf(range))
    throw useless(head, `contradicts itself: Content-Range ${quote(field)} with Content-Length ${body}`);
  if (length === undefined && body === undefined)
    throw useless(head, `answered 206 with Content-Range ${quote(field)} and no Content-Length to confirm it`);
  return { kind: 'part', range, representation: representationOf(head, length, true) };
};

const readWhole = (head: Head): Answer => {
  const length = bodyLength(head);
  const field = head.headers.get('content-range');
  if (field !== undefined) {
    const said = parseContentRange(field);
    const all = said?.range?.start === 0 && said.range.end === said.length && (length === undefined || length === said.length);
    if (!all) throw useless(head, `answered ${head.status} with Content-Range ${quote(field)}, which is neither the whole file nor a part`);
  }
  return { kind: length === 0 ? 'empty' : 'whole', representation: representationOf(head, length, false) };
};

const readOutside = (head: Head): Answer => {
  const said = parseContentRange(head.headers.get('content-range') ?? '');
  const length = said?.range === undefined ? said?.length : undefined;
  return length === 0 ? { kind: 'empty', representation: representationOf(head, 0, true) } : { kind: 'outside', length };
};

const refusal = (head: Head, wall: number): HydrantError => {
  const { status, url } = head;
  const wait = retryAfter(head.headers.get('retry-after'), wall);
  const facts = { url, status, ...(wait === undefined ? {} : { retryAfter: wait }) };
  const message = `the source answered ${statusText(status)}`;
  if (status === 429 || status === 503) return new HydrantError('SOURCE_BUSY', message, facts);
  const passing = status < 300 || status >= 500 || status === 407 || status === 408 || status === 425;
  return new HydrantError('SOURCE_REFUSED', message, { ...facts, retry: passing ? 'later' : 'never' });
};

/**
 * Judges the answer to a GET that asked for `asked` (`end` Infinity: to the end) without content coding; `wall` is the
 * time now. Throws RANGE_IGNORED where the body is not what it should be, SOURCE_BUSY or SOURCE_REFUSED by its status.
 */
export const readAnswer = (head: Head, asked: Range, wall: number): Answer => {
  const { status } = head;
  if (status === 416) return readOutside(head);
  if (status < 200 || status > 299 || status === 204 || status === 205) throw refusal(head, wall);
  refuseCoding(head);
  return status === 206 ? readPart(head, asked) : readWhole(head);
};
