import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { HydrantError } from '../../src/core/errors.ts';
import { type Algorithm, algorithms, parseAlgorithm } from '../../src/digest/algorithm.ts';
import { checkDigest, type Digest, parseDigest } from '../../src/digest/digest.ts';
import { digestOfFile } from '../../src/digest/file-digest.ts';
import { fingerprint } from '../../src/digest/fingerprint.ts';
import { hasher, wasmHasher } from '../../src/digest/hasher.ts';
import { long, vectors } from './vectors.ts';

const abc = new TextEncoder().encode('abc');
const rows = Object.entries(vectors) as [Algorithm, (typeof vectors)[Algorithm]][];

const invalid = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof HydrantError && error.code === 'OPTION_INVALID') return error.message;
    throw error;
  }
  throw new Error('it was taken');
};

describe('a hasher', () => {
  it.each(rows)('of %s gives the known values, in pieces of any size', async (algorithm, [none, ofAbc, ofLong]) => {
    expect((await hasher({ algorithm, hex: none })).hex()).toBe(none);
    const short = await hasher({ algorithm, hex: ofAbc });
    short.update(abc);
    expect(short.hex()).toBe(ofAbc);
    const pieces = await hasher({ algorithm, hex: ofLong });
    for (let start = 0, size = 1; start < long.length; start += size, size = size * 3 + 1)
      pieces.update(long.subarray(start, start + size));
    expect(pieces.hex()).toBe(ofLong);
  });

  it.each(rows.filter(([algorithm]) => !/^shake|^sha512-256$/.test(algorithm)))(
    'of %s gives the same without OpenSSL',
    async (algorithm, [, , ofLong]) => {
      const hash = await wasmHasher(algorithm);
      hash?.update(long);
      expect(hash?.hex()).toBe(ofLong);
    },
  );

  it('of a function without a length of its own gives as much as was asked', async () => {
    for (const [hex, size] of [
      ['7f9c', 2],
      [vectors.shake_128[0].repeat(2), 64],
    ] as const) {
      const value = (await hasher({ algorithm: 'shake_128', hex })).hex();
      expect(value).toHaveLength(size * 2);
      expect(value.slice(0, 4)).toBe('7f9c');
    }
  });

  it('never mixes with another of its kind', async () => {
    for (const algorithm of ['blake3', 'crc32c', 'sha256'] as const) {
      const [one, other] = await Promise.all([
        hasher({ algorithm, hex: vectors[algorithm][0] }),
        hasher({ algorithm, hex: vectors[algorithm][0] }),
      ]);
      one.update(abc);
      other.update(long);
      expect([one.hex(), other.hex()]).toEqual([vectors[algorithm][1], vectors[algorithm][2]]);
    }
  });
});

describe('an algorithm', () => {
  it.each<[string, Algorithm]>([
    ['SHA-256', 'sha256'],
    ['sha_256', 'sha256'],
    ['sha512/256', 'sha512-256'],
    ['SHA3_512', 'sha3-512'],
    ['sha3-512', 'sha3-512'],
    ['shake128', 'shake_128'],
    ['shake-256', 'shake_256'],
    ['blake2b-512', 'blake2b'],
    ['BLAKE2s256', 'blake2s'],
    ['crc32c', 'crc32c'],
  ])('may be spelled %s', (text, algorithm) => {
    expect(parseAlgorithm(text)).toBe(algorithm);
  });

  it.each(['sha257', '', 'crc32', 'md', 'constructor', '__proto__'])('is not %j', (text) => {
    expect(invalid(() => parseAlgorithm(text))).toMatch(/is not a digest algorithm: there are md5, sha1, /);
  });
});

describe('a digest', () => {
  const sha256 = vectors.sha256[1];

  it.each([
    ['sha256:HEX', `sha256:${sha256}`],
    ['SHA-256=HEX, as aria2 writes it', `SHA-256=${sha256.toUpperCase()}`],
    ['algo: HEX, with room around', ` sha256: ${sha256} `],
    ['SRI', `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`],
    ['SRI without padding', `sha256-${Buffer.from(sha256, 'hex').toString('base64url')}`],
    ['SRI with options', `sha256-${Buffer.from(sha256, 'hex').toString('base64')}?ct=x`],
  ])('may be written as %s', (_name, text) => {
    expect(parseDigest(text)).toEqual({ algorithm: 'sha256', hex: sha256 });
  });

  it('may be bare where an algorithm is usual', () => {
    expect(parseDigest(vectors.md5[1], 'md5')).toEqual({ algorithm: 'md5', hex: vectors.md5[1] });
    expect(invalid(() => parseDigest(vectors.sha256[1], 'md5'))).toContain('md5 has 32 hexadecimal digits, not 64');
    expect(invalid(() => parseDigest(vectors.md5[1]))).toContain('write ALGORITHM:HEX');
  });

  it('of its own length alone is taken, whatever the algorithm', () => {
    for (const [algorithm, [, hex]] of rows) {
      expect(parseDigest(`${algorithm}:${hex}`)).toEqual({ algorithm, hex });
      const { size } = algorithms[algorithm];
      const message = invalid(() => parseDigest(`${algorithm}:${hex}0`));
      expect(message).toContain(
        size === undefined ? `${algorithm} has an even number` : `${algorithm} has ${size * 2} hexadecimal digits, not ${size * 2 + 1}`,
      );
    }
  });

  it('of an extendable function has any even length from two digits on', () => {
    expect(parseDigest('shake_256:ab')).toEqual({ algorithm: 'shake_256', hex: 'ab' });
    expect(invalid(() => parseDigest('shake_256:abc'))).toContain('even number of hexadecimal digits, not 3');
  });

  it.each([
    ['', 'write ALGORITHM:HEX'],
    ['sha256:', 'write ALGORITHM:HEX'],
    ['sha256:xyz', 'write ALGORITHM:HEX'],
    ['sha256-', 'write ALGORITHM:HEX'],
    ['sha999:ab', '"sha999" is not a digest algorithm'],
    ['sha256-YWJj', 'sha256 has 44 base64 digits that stand for 32 bytes, not for 3'],
  ])('is not %j', (text, message) => {
    expect(invalid(() => parseDigest(text))).toContain(message);
  });

  it('in any text is found or refused with one line', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom(...Object.keys(algorithms)),
          fc.constantFrom(':', '=', '-'),
          fc.oneof(fc.base64String(), fc.stringMatching(/^[0-9a-f]*$/)),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        let digest: Digest;
        try {
          digest = parseDigest(given);
        } catch (error) {
          if (!(error instanceof HydrantError)) throw error;
          expect(error.code).toBe('OPTION_INVALID');
          expect(error.message).not.toMatch(/[\r\n]/);
          return;
        }
        expect(parseDigest(`${digest.algorithm}:${digest.hex}`)).toEqual(digest);
      }),
    );
  });

  it('that is another than expected is a mismatch that shows both', () => {
    const expected = parseDigest(`md5:${vectors.md5[0]}`);
    expect(() => checkDigest(expected, vectors.md5[0])).not.toThrow();
    expect(() => checkDigest(expected, vectors.md5[1], 'http://a/x')).toThrow(
      expect.objectContaining({
        code: 'DIGEST_MISMATCH',
        url: 'http://a/x',
        message: `the md5 digest is ${vectors.md5[1]}, expected was ${vectors.md5[0]}`,
      }),
    );
  });
});

describe('the digest of a file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'digest-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it.each([0, 1, 1 << 20, 3_500_000])('of %i bytes is that of its bytes', async (size) => {
    const bytes = randomBytes(size);
    const path = join(directory, `f${size}`);
    await writeFile(path, bytes);
    for (const algorithm of ['sha256', 'blake3'] as const) {
      const digest = { algorithm, hex: vectors[algorithm][0] };
      const hash = await hasher(digest);
      hash.update(bytes);
      expect(await digestOfFile(path, digest)).toBe(hash.hex());
    }
  });

  it('that is not there is a failure of the store', async () => {
    const reading = digestOfFile(join(directory, 'none'), parseDigest('shake_128:00'));
    await expect(reading).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('ENOENT') });
  });

  it('stops when told to', async () => {
    const path = join(directory, 'stopped');
    await writeFile(path, 'abc');
    const reading = digestOfFile(path, parseDigest('shake_128:00'), AbortSignal.abort());
    await expect(reading).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('a fingerprint', () => {
  it('tells its value on the way and goes on', () => {
    const print = fingerprint();
    expect(print.value()).toBe(vectors.sha256[0]);
    print.update(abc.subarray(0, 1));
    print.value();
    print.update(abc.subarray(1));
    expect(print.value()).toBe(vectors.sha256[1]);
  });
});
