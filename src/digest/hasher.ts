import type { Hash } from 'node:crypto';

import { HydrantError } from '../core/errors.ts';
import { type Algorithm, algorithms } from './algorithm.ts';
import type { Digest } from './digest.ts';

/** A digest in the making. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The value of all bytes so far, in lower case. Ends the hasher. */
  hex(): string;
}

type Wasm = typeof import('hash-wasm');

const castagnoli = 0x82f63b78;

const wasmHashers: Partial<Record<Algorithm, (wasm: Wasm) => ReturnType<Wasm['createMD5']>>> = {
  md5: (wasm) => wasm.createMD5(),
  sha1: (wasm) => wasm.createSHA1(),
  sha224: (wasm) => wasm.createSHA224(),
  sha256: (wasm) => wasm.createSHA256(),
  sha384: (wasm) => wasm.createSHA384(),
  sha512: (wasm) => wasm.createSHA512(),
  blake2b: (wasm) => wasm.createBLAKE2b(512),
  blake2s: (wasm) => wasm.createBLAKE2s(256),
  blake3: (wasm) => wasm.createBLAKE3(256),
  'sha3-224': (wasm) => wasm.createSHA3(224),
  'sha3-256': (wasm) => wasm.createSHA3(256),
  'sha3-384': (wasm) => wasm.createSHA3(384),
  'sha3-512': (wasm) => wasm.createSHA3(512),
  crc32c: (wasm) => wasm.createCRC32(castagnoli),
};

/** A hasher by OpenSSL; undefined where this build of it has not got the algorithm. */
const opensslHasher = async ({ algorithm, hex }: Digest): Promise<Hasher | undefined> => {
  const { openssl, size } = algorithms[algorithm];
  if (openssl === undefined) return undefined;
  const { createHash } = await import('node:crypto');
  let hash: Hash;
  try {
    hash = createHash(openssl, size === undefined ? { outputLength: hex.length / 2 } : {});
  } catch {
    return undefined;
  }
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
};

/** A hasher by WebAssembly, in case of need; undefined where there is none. */
export const wasmHasher = async (algorithm: Algorithm): Promise<Hasher | undefined> => {
  const create = wasmHashers[algorithm];
  if (create === undefined) return undefined;
  const hash = (await create(await import('hash-wasm'))).init();
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    hex: () => hash.digest(),
  };
};

/** Starts the computation that `digest` can be compared with: its algorithm, and its length where that is free. Rejects with OPTION_INVALID. */
export const hasher = async (digest: Digest): Promise<Hasher> => {
  const made = (await opensslHasher(digest)) ?? (await wasmHasher(digest.algorithm));
  if (made === undefined) throw new HydrantError('OPTION_INVALID', `the digest algorithm ${digest.algorithm} is not part of this Node.js`);
  return made;
};
