import fc from 'fast-check';
import { expect, it } from 'vitest';

import { multipartRanges } from '../../src/http/multipart-ranges.ts';

/** Splits a body as a client does, by nothing but its Content-Type (RFC 2046 §5.1.1). */
const partsOf = (contentType: string, body: string): { fields: string[]; content: string }[] => {
  const [, boundary = ''] = /^multipart\/byteranges; boundary=([0-9A-Za-z]{1,70})$/.exec(contentType) ?? [];
  const pieces = `\r\n${body}`.split(`\r\n--${boundary}`);
  expect(pieces[0]).toBe('');
  expect(pieces.at(-1)).toBe('--\r\n');
  return pieces.slice(1, -1).map((piece) => {
    expect(piece.startsWith('\r\n')).toBe(true);
    const end = piece.indexOf('\r\n\r\n');
    return { fields: piece.slice(2, end).split('\r\n'), content: piece.slice(end + 4) };
  });
};

it('two ranges are framed as in RFC 9110 §14.6', () => {
  const framed = multipartRanges(
    [
      { start: 500, end: 1000 },
      { start: 7000, end: 8000 },
    ],
    { length: 8000, type: 'application/pdf' },
    'THIS',
  );
  expect(framed).toEqual({
    contentType: 'multipart/byteranges; boundary=THIS',
    contentLength: 76 + 500 + 80 + 1000 + 12,
    parts: [
      {
        head: '--THIS\r\nContent-Type: application/pdf\r\nContent-Range: bytes 500-999/8000\r\n\r\n',
        range: { start: 500, end: 1000 },
      },
      {
        head: '\r\n--THIS\r\nContent-Type: application/pdf\r\nContent-Range: bytes 7000-7999/8000\r\n\r\n',
        range: { start: 7000, end: 8000 },
      },
    ],
    tail: '\r\n--THIS--\r\n',
  });
});

it('ranges of any file come back from the body, which has the length it says', () => {
  // Content that looks like framing, but for the boundary.
  const content = fc.array(fc.constantFrom('\r\n--', '--', '\r\n', 'Content-Range: bytes 0-0/1\r\n\r\n', 'x'), { minLength: 1 });
  const cut = fc.tuple(fc.nat(), fc.nat());
  const type = fc.constantFrom('video/mp4', undefined);
  fc.assert(
    fc.property(
      content,
      fc.array(cut, { minLength: 1 }),
      type,
      fc.stringMatching(/^[0-9A-Za-z]{20,70}$/),
      (texts, cuts, media, boundary) => {
        const file = texts.join('');
        const ranges = cuts.map(([a, b]) => {
          const start = a % file.length;
          return { start, end: start + 1 + (b % (file.length - start)) };
        });
        const { contentType, contentLength, parts, tail } = multipartRanges(ranges, { length: file.length, type: media }, boundary);
        const body = parts.map(({ head, range }) => head + file.slice(range.start, range.end)).join('') + tail;
        expect(Buffer.byteLength(body)).toBe(contentLength);
        expect(partsOf(contentType, body)).toEqual(
          ranges.map(({ start, end }) => ({
            fields: [...(media === undefined ? [] : [`Content-Type: ${media}`]), `Content-Range: bytes ${start}-${end - 1}/${file.length}`],
            content: file.slice(start, end),
          })),
        );
      },
    ),
  );
});
