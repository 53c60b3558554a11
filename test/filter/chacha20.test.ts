import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { ChaCha20 } from '../../src/filter/chacha20.ts';
import { secretOf } from '../../src/filter/chacha20-config.ts';
import { filterContract } from '../../src/testing/filter-contract.ts';

const known = secretOf('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff000102030405060708090a0b');
const end = 2 ** 38;
const GiB = 2 ** 30;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

filterContract(
  { describe, it },
  'ChaCha20',
  () => new ChaCha20(known),
  () => new ChaCha20(known),
);

describe('ChaCha20', () => {
  it.each([
    [
      0,
      64,
      '69a596dad2cd014fbef2b7ffc114cbc7a12308f4bc6a5653224bdb3f837cf2ad9218cb613498bf1af98938d814417f3b65e44eeb473a693957dc27f59f7b4e6c',
    ],
    [61, 8, '7b4e6c2cf8ae525f'],
    [1_048_576, 16, 'fb80281a658d90c4d608190d5a2f10a4'],
    [5 * GiB + 1, 16, 'fff0ac28a37a7a69f2040a75efedd73e'],
  ])('has the known keystream at %i', (offset, length, expected) => {
    expect(hex(new ChaCha20(known).apply(offset, new Uint8Array(length)))).toBe(expected);
  });

  it('has the known keystream of a secret of zeros', () => {
    const zeros = new ChaCha20(secretOf('00'.repeat(44)));
    expect(hex(zeros.apply(0, new Uint8Array(32)))).toBe('76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7');
  });

  it('encrypts the known texts', () => {
    expect(hex(new ChaCha20(known).apply(0, Buffer.from('hello world')))).toBe('01c0fab6bded7620cc9ed3');
    const pattern = Uint8Array.from({ length: 1_048_576 }, (_, index) => index % 251);
    expect(sha256(pattern)).toBe('631b84027d6b9e52b539c4e8373622d23032dfadc64d60af87339c9037e4f769');
    expect(sha256(new ChaCha20(known).apply(0, pattern))).toBe('e3214465227893f6c3d105799aee9258e7fea268927f77f872fdb0a1c9682828');
  });

  it('goes on where it was, to the last byte that the counter reaches', () => {
    const filter = new ChaCha20(known);
    const tail = new Uint8Array(1_000);
    const whole = new ChaCha20(known).apply(end - 1_000, tail);
    const parts = [filter.apply(end - 1_000, tail.subarray(0, 937)), filter.apply(end - 63, tail.subarray(937))];
    expect(hex(Buffer.concat(parts))).toBe(hex(whole));
    expect(hex(new ChaCha20(known).apply(end - 64, new Uint8Array(64)))).toBe(hex(whole.subarray(936)));
  });

  it('refuses a file beyond 256 GiB, and any byte that lies there, rather than pass it on', () => {
    const refusal = expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(/^chacha20 .*256\.0 GiB.*274877906945/),
    });
    new ChaCha20(known).check(end);
    expect(() => new ChaCha20(known).check(end + 1)).toThrow(refusal);
    expect(() => new ChaCha20(known).apply(end - 1, new Uint8Array(2))).toThrow(refusal);
    expect(() => new ChaCha20(known).apply(end, new Uint8Array(1))).toThrow(refusal);
  });

  it('takes a secret in either case, with blanks around it', () => {
    const text = randomBytes(44).toString('hex');
    expect(secretOf(`  ${text.toUpperCase()}\n`)).toEqual(secretOf(text));
  });
});
