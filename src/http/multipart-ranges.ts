import { type Range, sizeOf } from '../core/range.ts';
import { contentRange } from './range-field.ts';

/** A multipart/byteranges body: each part's head, then its bytes, and after the last the tail. All texts are ASCII. */
export interface MultipartRanges {
  readonly contentType: string;
  /** Bytes of the whole body, framing included. */
  readonly contentLength: number;
  readonly parts: readonly { readonly head: string; readonly range: Range }[];
  readonly tail: string;
}

/** What the parts are of. */
export interface MultipartFile {
  /** Bytes in the whole file. */
  readonly length: number;
  /** Media type without parameters. */
  readonly type: string | undefined;
}

/** Framing of several ranges of a file in one 206 (RFC 9110 §14.6). `boundary`: at most 70 letters and digits that occur in no file. */
export const multipartRanges = (ranges: readonly Range[], { length, type }: MultipartFile, boundary: string): MultipartRanges => {
  const fields = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  const parts = ranges.map((range, index) => ({
    head: `${index === 0 ? '' : '\r\n'}--${boundary}\r\n${fields}Content-Range: ${contentRange(range, length)}\r\n\r\n`,
    range,
  }));
  const tail = `\r\n--${boundary}--\r\n`;
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    contentLength: parts.reduce((sum, { head, range }) => sum + head.length + sizeOf(range), tail.length),
    parts,
    tail,
  };
};
