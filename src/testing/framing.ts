import { gzipSync } from 'node:zlib';

import type { Range } from '../core/range.ts';
import { sizeOf } from '../core/range.ts';
import type { Content } from './content.ts';
import { contentFrom } from './content.ts';
import type { Fault, FaultOf } from './faults.ts';
import type { Head } from './head.ts';
import type { Ask } from './request.ts';

/** Bytes of a body: one range of some content. */
export interface Part {
  readonly content: Content;
  readonly range: Range;
}

/** One answer, ready to be put on the wire. */
export interface Reply {
  readonly status: number;
  /** Everything before the body, as it goes out. */
  readonly head: string;
  readonly parts: readonly Part[];
  readonly chunked: boolean;
  /** The connection ends with this answer. */
  readonly close: boolean;
}

/** A part that is exactly these bytes. */
export const literal = (bytes: Uint8Array): Part => ({
  content: contentFrom({ bytes }),
  range: { start: 0, end: bytes.length },
});

const bytesOf = (parts: readonly Part[]): Uint8Array =>
  Buffer.concat(
    parts.map(({ content, range }) => {
      const bytes = new Uint8Array(sizeOf(range));
      content.copy(bytes, range.start);
      return bytes;
    }),
  );

/** Bytes in all parts together. */
export const lengthOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + sizeOf(part.range), 0);

/** A reply before its framing is put on. */
export interface Draft {
  readonly status: number;
  readonly head: Head;
  readonly parts: readonly Part[];
}

/** Puts the framing on, with what the faults change about it. */
export const frame = (ask: Ask, draft: Draft, faults: readonly Fault[]): Reply => {
  const { head, status } = draft;
  let { parts } = draft;
  if (faults.some((fault) => fault.kind === 'gzip')) {
    if (ask.method !== 'HEAD') parts = [literal(gzipSync(bytesOf(parts)))];
    head.set({ 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' });
  }
  let length = lengthOf(parts);
  let close = /close/i.test(ask.headers.connection ?? '');
  let framing: 'length' | FaultOf<'framing'>['as'] = 'length';
  let padding = 0;
  let interim = '';
  for (const fault of faults) {
    if (fault.kind === 'framing') framing = fault.as;
    else if (fault.kind === 'huge-head') padding = fault.size;
    else if (fault.kind === 'interim') interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
    else if (fault.kind === 'length') {
      length += fault.by;
      close ||= ask.method !== 'HEAD';
    } else if (fault.kind === 'long') parts = [...parts, literal(Buffer.alloc(fault.by, 'surplus '))];
  }
  if (framing === 'close') close = true;
  if (framing === 'length' || framing === 'both') head.set({ 'Content-Length': String(length) });
  if (framing === 'chunked' || framing === 'both') head.set({ 'Transfer-Encoding': 'chunked' });
  for (let line = 0; padding > 0; line++, padding -= 1000) head.set({ [`X-Padding-${line}`]: 'x'.repeat(Math.min(padding, 1000)) });
  head.set({ Date: new Date().toUTCString(), Connection: close ? 'close' : 'keep-alive' });
  for (const fault of faults) if (fault.kind === 'headers') head.set(fault.set);
  const bodiless = ask.method === 'HEAD' || status === 204 || status === 304;
  return {
    status,
    head: interim + head.text(framing === 'close' ? '1.0' : '1.1', status),
    parts: bodiless ? [] : parts,
    chunked: framing === 'chunked' || framing === 'both',
    close,
  };
};
