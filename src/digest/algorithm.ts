import { HydrantError } from '../core/errors.ts';

interface AlgorithmRow {
  /** Bytes of a value; undefined where the value says how long it is. */
  readonly size: number | undefined;
  /** Name in OpenSSL, where it has the algorithm. */
  readonly openssl: string | undefined;
}

const row = (size: number | undefined, openssl?: string): AlgorithmRow => ({ size, openssl });

/** Every digest that a file can be held against, by the name that users read. */
export const algorithms = {
  md5: row(16, 'md5'),
  sha1: row(20, 'sha1'),
  sha224: row(28, 'sha224'),
  sha256: row(32, 'sha256'),
  sha384: row(48, 'sha384'),
  sha512: row(64, 'sha512'),
  'sha512-256': row(32, 'sha512-256'),
  blake2b: row(64, 'blake2b512'),
  blake2s: row(32, 'blake2s256'),
  blake3: row(32),
  'sha3-224': row(28, 'sha3-224'),
  'sha3-256': row(32, 'sha3-256'),
  'sha3-384': row(48, 'sha3-384'),
  'sha3-512': row(64, 'sha3-512'),
  shake_128: row(undefined, 'shake128'),
  shake_256: row(undefined, 'shake256'),
  crc32c: row(4),
} as const satisfies Record<string, AlgorithmRow>;

/** The name of a digest algorithm. */
export type Algorithm = keyof typeof algorithms;

const names = Object.keys(algorithms) as Algorithm[];

/** What of a spelling counts: SHA-256, sha_256 and sha256 are one, and so are blake2b-512 and blake2b. */
const keyOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[-_/]/g, '')
    .replace(/^blake2b512$/, 'blake2b')
    .replace(/^blake2s256$/, 'blake2s');

const byKey = new Map(names.map((name) => [keyOf(name), name]));

/** The algorithm that `text` names in any usual spelling; undefined where it names none. */
export const findAlgorithm = (text: string): Algorithm | undefined => byKey.get(keyOf(text));

/** The algorithm that `text` names in any usual spelling. Throws OPTION_INVALID. */
export const parseAlgorithm = (text: string): Algorithm => {
  const found = findAlgorithm(text);
  if (found !== undefined) return found;
  throw new HydrantError('OPTION_INVALID', `${JSON.stringify(text)} is not a digest algorithm: there are ${names.join(', ')}`);
};
