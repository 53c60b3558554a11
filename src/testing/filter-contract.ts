import { deepEqual, equal, notEqual } from 'node:assert/strict';

import type { Filter } from '../core/ports.ts';
import { bytesOf, type Runner } from './store-contract.ts';

const length = 200_003;

/** What every Filter does. `open` gives a fresh one, `inverse` one that undoes what those of `open` do. */
export const filterContract = ({ describe, it }: Runner, name: string, open: () => Filter, inverse: () => Filter): void => {
  const whole = (): Uint8Array => open().apply(0, bytesOf(0, length));
  const same = (actual: Uint8Array, expected: Uint8Array, message: string): void =>
    equal(Buffer.compare(actual, expected), 0, `other bytes: ${message}`);

  describe(`the Filter contract of ${name}`, () => {
    it('keeps the number of bytes', async () => {
      for (const size of [0, 1, 63, 64, 65, 4097]) equal(open().apply(12_345, bytesOf(12_345, 12_345 + size)).length, size);
    });

    it('gives the same bytes however a file is cut', async () => {
      const expected = whole();
      for (const step of [1, 63, 64, 65, 1_000, 65_536]) {
        const filter = open();
        const end = step === 1 ? 500 : length;
        for (let offset = 0; offset < end; offset += step) {
          const stop = Math.min(end, offset + step);
          same(filter.apply(offset, bytesOf(offset, stop)), expected.subarray(offset, stop), `${step} at a time, at ${offset}`);
        }
      }
    });

    it('gives the same bytes in whatever order a file is read', async () => {
      const expected = whole();
      const filter = open();
      for (const start of [150_001, 3, 70_000, 70_064, 0, 150_001, 150_001, 199_999, 1]) {
        const stop = Math.min(length, start + 777);
        same(filter.apply(start, bytesOf(start, stop)), expected.subarray(start, stop), `at ${start}`);
      }
    });

    it('leaves its input as it is, in memory of its own', async () => {
      const slab = bytesOf(0, 4_096);
      const input = slab.subarray(100, 3_000);
      const output = open().apply(100, input);
      deepEqual(slab, bytesOf(0, 4_096));
      output.fill(0);
      deepEqual(slab, bytesOf(0, 4_096));
    });

    it('keeps what it gave when more is asked of it', async () => {
      const filter = open();
      const first = filter.apply(0, bytesOf(0, 1_000));
      const kept = first.slice();
      filter.apply(1_000, bytesOf(1_000, 2_000));
      deepEqual(Uint8Array.from(first), Uint8Array.from(kept));
    });

    it('is undone by its inverse at any offset', async () => {
      const changed = whole();
      notEqual(Buffer.compare(changed, bytesOf(0, length)), 0, 'nothing was changed');
      same(inverse().apply(0, changed), bytesOf(0, length), 'from 0');
      same(inverse().apply(99_999, changed.subarray(99_999)), bytesOf(99_999, length), 'from 99999');
    });

    it('takes a file of no bytes and one of a gibibyte', async () => {
      open().check(0);
      open().check(2 ** 30);
    });
  });
};
