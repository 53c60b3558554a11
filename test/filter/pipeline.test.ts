import { describe, expect, it } from 'vitest';

import type { Filter } from '../../src/core/ports.ts';
import { buildFilters } from '../../src/filter/catalogue.ts';
import { pipeline } from '../../src/filter/pipeline.ts';
import { filterContract } from '../../src/testing/filter-contract.ts';

const arithmetic = (name: string, seen: string[], act: (byte: number, offset: number) => number): Filter => ({
  check: (length) => {
    seen.push(`${name} ${length}`);
  },
  apply: (offset, bytes) => bytes.map((byte, index) => act(byte, offset + index)),
});

const twice = (): Filter => {
  const filter = buildFilters(['11', 'a7'].map((digits) => ({ id: 'chacha20', enabled: true, config: { secret: digits.repeat(44) } })));
  if (filter === undefined) throw new Error('no filter');
  return filter;
};

filterContract({ describe, it }, 'a pipeline of two', twice, twice);

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
