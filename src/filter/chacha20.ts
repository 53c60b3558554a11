/**
 * Plain ChaCha20 (RFC 8439 §2.4) over a whole file: no header, no tag, the block counter begins at 0 with the file's
 * first byte and runs on across volumes. The counter has 32 bits, so that keystream ends after 256 GiB.
 */
import { type Cipher, createCipheriv } from 'node:crypto';

import { HydrantError } from '../core/errors.ts';
import type { Filter } from '../core/ports.ts';
import { formatSize } from '../core/size.ts';

const blockSize = 64;
const longest = 2 ** 32 * blockSize;

/** Bytes of a key and of a nonce, as ChaCha20 has them. */
export const keySize = 32;
export const nonceSize = 12;

/** Key and nonce of one file. Two files with the same pair give each other away. */
export interface ChaCha20Secret {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** XORs a file with the keystream of `secret`; the same again undoes it. */
export class ChaCha20 implements Filter {
  readonly #secret: ChaCha20Secret;
  /** Stands at `#next`, so that what follows on costs no new key schedule. */
  #cipher: Cipher | undefined;
  #next = -1;

  constructor(secret: ChaCha20Secret) {
    this.#secret = secret;
  }

  check(length: number): void {
    if (length <= longest) return;
    const detail = `chacha20 reaches no further than ${formatSize(longest)}; this file has ${length} bytes`;
    throw new HydrantError('OPTION_INVALID', detail);
  }

  apply(offset: number, bytes: Uint8Array): Uint8Array {
    this.check(offset + bytes.length);
    if (bytes.length === 0) return new Uint8Array(0);
    const cipher = this.#cipher !== undefined && this.#next === offset ? this.#cipher : this.#at(offset);
    const changed = cipher.update(bytes);
    this.#next = offset + bytes.length;
    this.#cipher = cipher;
    return changed;
  }

  #at(offset: number): Cipher {
    const iv = Buffer.alloc(4 + nonceSize);
    iv.writeUInt32LE(Math.floor(offset / blockSize));
    iv.set(this.#secret.nonce, 4);
    const cipher = createCipheriv('chacha20', this.#secret.key, iv);
    cipher.update(new Uint8Array(offset % blockSize));
    return cipher;
  }
}
