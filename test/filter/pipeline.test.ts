import { expect, it } from 'vitest';

import type { Filter } from '../../src/core/ports.ts';
import { pipeline } from '../../src/filter/pipeline.ts';

const arithmetic = (name: string, seen: string[], act: (byte: number, offset: number) => number): Filter => ({
  check: (length) => {
    seen.push(`${name} ${length}`);
  },
  apply: (offset, bytes) => bytes.map((byte, index) => act(byte, offset + index)),
});

it('the last filter of a list comes first on the way out, and each knows the offset', () => {
  const seen: string[] = [];
  const filter = pipeline([arithmetic('double', seen, (byte) => byte * 2), arithmetic('add', seen, (byte, offset) => byte + offset)]);
  expect([...(filter?.apply(10, Uint8Array.of(1, 1, 1)) ?? [])]).toEqual([22, 24, 26]);
  filter?.check(5);
  expect(seen).toEqual(['add 5', 'double 5']);
});

it('no filters are no pipeline', () => {
  expect(pipeline([])).toBeUndefined();
});
