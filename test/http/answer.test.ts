import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import type { Framing } from '../../src/core/ports.ts';
import type { Range } from '../../src/core/range.ts';
import { type Answer, bodyLength, type Head, readAnswer } from '../../src/http/answer.ts';

const wall = Date.UTC(2026, 0, 1);
const asked = { start: 100, end: 200 };

const head = (
  status: number,
  headers: Record<string, string> = {},
  framing: Framing = 'content-length' in headers ? 'length' : 'chunked',
): Head => ({
  status,
  headers: new Map(Object.entries(headers)),
  url: 'http://a/file?token=secret',
  framing,
});

const refusal = (answer: Head, range: Range = asked): HydrantError => {
  try {
    readAnswer(answer, range, wall);
  } catch (error) {
    if (error instanceof HydrantError) return error;
    throw error;
  }
  throw new Error('the answer was taken');
};

const part = (contentRange: string, contentLength?: number, more: Record<string, string> = {}): Head =>
  head(206, {
    'content-range': contentRange,
    ...(contentLength === undefined ? {} : { 'content-length': String(contentLength) }),
    ...more,
  });

describe('a 206', () => {
  it('that starts where asked is the part it says, with all that it says of the file', () => {
    const answer = part('bytes 100-199/1000', 100, {
      etag: '"v1"',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      'content-type': 'Text/Plain; charset=utf-8',
      'content-disposition': 'attachment; filename="a.txt"',
    });
    expect(readAnswer(answer, asked, wall)).toEqual({
      kind: 'part',
      range: asked,
      representation: {
        length: 1000,
        validator: { etag: '"v1"', lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT' },
        ranges: true,
        type: 'text/plain',
        name: 'a.txt',
        url: 'http://a/file?token=secret',
      },
    });
  });

  it.each([
    ['ends before what was asked', 'bytes 100-149/1000', 50, asked, { start: 100, end: 150 }],
    ['ends after what was asked', 'bytes 100-299/1000', 200, asked, { start: 100, end: 300 }],
    ['ends with the file', 'bytes 100-149/150', 50, { start: 100, end: Infinity }, { start: 100, end: 150 }],
    ['is chunked', 'bytes 100-199/1000', undefined, asked, asked],
  ] as const)('that %s is taken for what it is', (_name, contentRange, contentLength, wanted, range) => {
    expect(readAnswer(part(contentRange, contentLength), wanted, wall)).toMatchObject({ kind: 'part', range });
  });

  it('that keeps the length to itself is taken when Content-Length agrees with it', () => {
    const answer = readAnswer(part('bytes 100-199/*', 100), asked, wall);
    expect(answer).toMatchObject({ kind: 'part', range: asked, representation: { length: undefined, ranges: true } });
  });

  it.each([
    ['without Content-Range', head(206, { 'content-length': '100' }), 'without Content-Range'],
    ['in several parts', head(206, { 'content-type': 'multipart/byteranges; boundary=x' }), 'multipart/byteranges'],
    [
      'in several parts with a Content-Range',
      part('bytes 100-199/1000', 100, { 'content-type': 'multipart/byteranges' }),
      'multipart/byteranges',
    ],
    ['from an earlier byte', part('bytes 99-199/1000', 101), 'from 99 on where bytes from 100'],
    ['from a later byte', part('bytes 101-199/1000', 99), 'from 101 on where bytes from 100'],
    ['in another unit', part('lines 100-199/1000', 100), '"lines 100-199/1000"'],
    ['that ends before it starts', part('bytes 100-99/1000', 0), '"bytes 100-99/1000"'],
    ['that ends after the file', part('bytes 100-199/199', 100), '"bytes 100-199/199"'],
    ['that is not satisfied', part('bytes */1000', 100), '"bytes */1000"'],
    ['with garbage in Content-Range', part('bytes 100-199', 100), '"bytes 100-199"'],
    ['with offsets that no number holds', part('bytes 100-99999999999999999999/*', 100), 'no range of bytes'],
    ['shorter than its Content-Range', part('bytes 100-199/1000', 99), 'Content-Length 99'],
    ['longer than its Content-Range', part('bytes 100-199/*', 101), 'Content-Length 101'],
    ['of unknown length in every way', part('bytes 100-199/*'), 'no Content-Length'],
    ['compressed', part('bytes 100-199/1000', 100, { 'content-encoding': 'gzip' }), 'compresses the file (gzip)'],
  ])('%s is refused and the reason named', (_name, answer, reason) => {
    const error = refusal(answer);
    expect(error).toMatchObject({ code: 'RANGE_IGNORED', status: 206, url: 'http://a/file?token=***' });
    expect(error.message).toContain(reason);
    expect(error.message).not.toMatch(/\n/);
  });

  it('that says its coding is identity is taken', () => {
    expect(readAnswer(part('bytes 100-199/1000', 100, { 'content-encoding': 'Identity' }), asked, wall).kind).toBe('part');
  });
});

describe('a 200', () => {
  it('is the whole file, and no promise of ranges', () => {
    expect(readAnswer(head(200, { 'content-length': '5', 'accept-ranges': 'bytes' }), asked, wall)).toMatchObject({
      kind: 'whole',
      representation: { length: 5, ranges: false },
    });
  });

  it.each(['chunked', 'close'] as const)('framed by %s has no known length', (framing) => {
    expect(readAnswer(head(200, {}, framing), asked, wall)).toMatchObject({ kind: 'whole', representation: { length: undefined } });
  });

  it('of no bytes is an empty file', () => {
    expect(readAnswer(head(200, { 'content-length': '0' }), asked, wall)).toMatchObject({ kind: 'empty', representation: { length: 0 } });
  });

  it('compressed is refused, since its bytes are not the file', () => {
    const error = refusal(head(200, { 'content-encoding': 'br' }));
    expect(error).toMatchObject({ code: 'RANGE_IGNORED', status: 200 });
    expect(error.message).toContain('compresses the file (br)');
  });

  it('that carries part of the file is refused', () => {
    expect(refusal(head(200, { 'content-range': 'bytes 100-199/1000', 'content-length': '100' })).code).toBe('RANGE_IGNORED');
  });

  it('with a Content-Range of the whole file is the whole file', () => {
    const answer = head(200, { 'content-range': 'bytes 0-999/1000', 'content-length': '1000' });
    expect(readAnswer(answer, asked, wall).kind).toBe('whole');
  });

  it('may have other names, but for those that have no body', () => {
    expect([201, 203, 226].map((status) => readAnswer(head(status), asked, wall).kind)).toEqual(['whole', 'whole', 'whole']);
    for (const status of [204, 205]) expect(refusal(head(status))).toMatchObject({ code: 'SOURCE_REFUSED', retry: 'later', status });
  });
});

describe('a 416', () => {
  it.each<[string | undefined, Partial<Answer>]>([
    ['bytes */0', { kind: 'empty' }],
    ['bytes */50', { kind: 'outside', length: 50 }],
    ['bytes 0-4/50', { kind: 'outside', length: undefined }],
    ['garbage', { kind: 'outside', length: undefined }],
    [undefined, { kind: 'outside', length: undefined }],
  ])('with Content-Range %j says so much and no more', (field, answer) => {
    expect(readAnswer(head(416, field === undefined ? {} : { 'content-range': field }), asked, wall)).toMatchObject(answer);
  });
});

describe('a status that is no answer', () => {
  it.each([
    [404, 'the source answered 404 Not Found'],
    [410, 'the source answered 410 Gone'],
    [401, 'the source answered 401 Unauthorized'],
    [403, 'the source answered 403 Forbidden'],
    [499, 'the source answered 499'],
    [304, 'the source answered 304 Not Modified'],
    [302, 'the source answered 302 Found'],
  ])('%i is refused for good', (status, message) => {
    expect(refusal(head(status))).toMatchObject({ code: 'SOURCE_REFUSED', retry: 'never', status, message });
  });

  it.each([407, 408, 425, 500, 501, 502, 504, 599])('%i may pass', (status) => {
    expect(refusal(head(status))).toMatchObject({ code: 'SOURCE_REFUSED', retry: 'later', status, retryAfter: undefined });
  });

  it.each([
    [429, '7', 7000],
    [503, 'Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    [503, 'soon', undefined],
  ])('%i with Retry-After %s is busy', (status, field, retryAfter) => {
    expect(refusal(head(status, { 'retry-after': field }))).toMatchObject({ code: 'SOURCE_BUSY', retry: 'later', status, retryAfter });
  });
});

describe('the judge of answers', () => {
  const field = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('bytes ', 'bytes=', 'items '), fc.nat(400), fc.nat(400), fc.oneof(fc.nat(400).map(String), fc.constant('*')))
      .map(([unit, first, last, length]) => `${unit}${first}-${last}/${length}`),
    fc.nat(400).map((length) => `bytes */${length}`),
  );
  const headers = fc.record(
    {
      'content-range': field,
      'content-length': fc.oneof(fc.nat(400).map(String), fc.string()),
      'content-encoding': fc.constantFrom('', 'gzip'),
      'content-disposition': fc.string(),
    },
    { requiredKeys: [] },
  );

  it('takes no byte that is not at the offset asked, and throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.constantFrom(200, 206, 206, 206, 416, 500), headers, fc.nat(300), (status, fields, start) => {
        const answer = head(status, fields);
        let read: Answer;
        try {
          read = readAnswer(answer, { start, end: start + 10 }, wall);
        } catch (error) {
          if (error instanceof HydrantError) return;
          throw error;
        }
        if (read.kind !== 'part') return;
        expect(status).toBe(206);
        expect(read.range.start).toBe(start);
        expect(read.range.end).toBeGreaterThan(start);
        expect(read.range.end).toBeLessThanOrEqual(read.representation.length ?? Infinity);
        expect(bodyLength(answer) ?? read.range.end - start).toBe(read.range.end - start);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the length of a body', () => {
  it.each([
    ['5', 5],
    ['5, 5', 5],
    ['5, 6', undefined],
    ['-5', undefined],
    ['0x5', undefined],
    ['', undefined],
    ['9007199254740993', undefined],
  ])('by Content-Length %j is %s', (field, length) => {
    expect(bodyLength(head(200, { 'content-length': field }))).toBe(length);
  });

  it('is not by Content-Length when the body is chunked', () => {
    expect(bodyLength(head(200, { 'content-length': '5' }, 'chunked'))).toBeUndefined();
  });
});
