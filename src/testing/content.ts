import { createHash } from 'node:crypto';

import type { Range } from '../core/range.ts';

/** What a file holds: either the bytes given, or `size` bytes made up from `seed` (the same ones on every machine). */
export interface ContentSpec {
  readonly bytes?: Uint8Array;
  readonly size?: number;
  readonly seed?: number;
  /** Ranges that are made up from another seed: files that agree everywhere else. */
  readonly patches?: readonly (Range & { readonly seed: number })[];
}

/** Bytes that can be had from any offset without holding the rest. */
export interface Content {
  readonly size: number;
  /** Fills `target` with the bytes from `offset` on. */
  copy(target: Uint8Array, offset: number): void;
}

const period = 2 ** 20 + 13;
const pageSize = 4096;
const stampSize = 8;
const blocks = new Map<number, Uint8Array>();

/** One round of a 32-bit mixer in which every bit of the input reaches every bit of the result. */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const blockOf = (seed: number): Uint8Array => {
  const known = blocks.get(seed);
  if (known !== undefined) return known;
  const words = new Uint32Array(Math.ceil(period / 4));
  let state = mix(seed + 0x9e3779b9);
  for (let index = 0; index < words.length; index++) {
    state = (state + 0x9e3779b9) | 0;
    words[index] = mix(state);
  }
  const block = new Uint8Array(words.buffer, 0, period);
  blocks.set(seed, block);
  return block;
};

/** A number per page, so that no two pages of a file are alike however often the block repeats. */
const stamp = (seed: number, page: number): Uint8Array => {
  const first = mix(mix(page) ^ seed);
  const second = mix(page + Math.imul(seed, 31) + 1);
  return new Uint8Array(Uint32Array.of(first, second).buffer);
};

/** Fills `target` with the bytes that `seed` makes up from `offset` on. */
export const fillContent = (target: Uint8Array, seed: number, offset: number): void => {
  const block = blockOf(seed);
  for (let done = 0; done < target.length; ) {
    const from = (offset + done) % period;
    const part = block.subarray(from, Math.min(period, from + target.length - done));
    target.set(part, done);
    done += part.length;
  }
  const end = offset + target.length;
  for (let page = Math.floor(offset / pageSize); page * pageSize < end; page++) {
    const at = page * pageSize;
    const skipped = Math.max(0, offset - at);
    if (skipped < stampSize) target.set(stamp(seed, page).subarray(skipped, end - at), at + skipped - offset);
  }
};

/** The bytes of `[start, end)` that `seed` makes up. */
export const contentOf = (seed: number, start: number, end: number): Uint8Array => {
  const bytes = new Uint8Array(end - start);
  fillContent(bytes, seed, start);
  return bytes;
};

/** What `spec` describes, readable from any offset. */
export const contentFrom = (spec: ContentSpec): Content => {
  const { bytes } = spec;
  if (bytes !== undefined) {
    return { size: bytes.length, copy: (target, offset) => target.set(bytes.subarray(offset, offset + target.length)) };
  }
  const seed = spec.seed ?? 1;
  return {
    size: spec.size ?? 0,
    copy: (target, offset) => {
      fillContent(target, seed, offset);
      for (const patch of spec.patches ?? []) {
        const start = Math.max(patch.start, offset);
        const end = Math.min(patch.end, offset + target.length);
        if (start < end) fillContent(target.subarray(start - offset, end - offset), patch.seed, start);
      }
    },
  };
};

/** Hex digest of what `spec` describes, or of one range of it; `algorithm` as node:crypto names it. */
export const digestOf = (spec: ContentSpec, algorithm = 'sha256', range?: Range): string => {
  const content = contentFrom(spec);
  const hash = createHash(algorithm);
  const end = Math.min(range?.end ?? content.size, content.size);
  const buffer = new Uint8Array(2 ** 20);
  for (let offset = range?.start ?? 0; offset < end; offset += buffer.length) {
    const part = buffer.subarray(0, Math.min(buffer.length, end - offset));
    content.copy(part, offset);
    hash.update(part);
  }
  return hash.digest('hex');
};
