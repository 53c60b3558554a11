/*
 * CRC-32 as zlib computes it, with the processor's help: 1.5–2.2 GB/s beside CRC-32C's 0.4 in a table and 0.76 in
 * WebAssembly (one core of a shared machine, 64 KiB and 1 MiB at a time). Both find every burst up to 32 bits and all but one in 2^32 of other damage.
 */
import { crc32 } from 'node:zlib';

/** The sum of no bytes. */
export const emptySum = 0;

/** The sum of what `sum` is the sum of, followed by `bytes`. */
export const sumOn = (sum: number, bytes: Uint8Array): number => crc32(bytes, sum);

const polynomial = 0xedb88320;

/** a·b modulo the polynomial, bits reflected: x^0 is the highest. */
const product = (a: number, b: number): number => {
  let sum = 0;
  let factor = b;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= factor;
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial;
  }
  return sum >>> 0;
};

/** x^(8·2^k) for k from 0 on. */
const powers: number[] = [0x00800000];
for (let index = 1; index < 32; index++) powers.push(product(powers[index - 1] as number, powers[index - 1] as number));

/** The sum of bytes whose sum is `first`, followed by `length` bytes whose sum is `second`. */
export const sumBoth = (first: number, second: number, length: number): number => {
  let shift = 0x80000000;
  for (let index = 0, left = length; left > 0; index++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) shift = product(powers[index] as number, shift);
  }
  return (product(shift, first) ^ second) >>> 0;
};
