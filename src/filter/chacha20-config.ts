import { type ChaCha20Secret, keySize, nonceSize } from './chacha20.ts';
import { configOf, refused, sizeAt, textAt } from './config.ts';

/** The filter's name on the wire and in the state file. */
export const chacha20Id = 'chacha20';

const secretSize = keySize + nonceSize;
const KiB = 1024;
const usualBuffer = 64 * KiB;
const leastBuffer = 4 * KiB;
const mostBuffer = 64 * KiB * KiB;

const hexBytes = (text: string, what: string, size: number): Uint8Array => {
  if (!/^[\da-f]*$/i.test(text))
    throw refused(chacha20Id, `${what} is not hexadecimal: it is ${size} bytes as ${size * 2} digits 0-9, a-f`);
  if (text.length !== size * 2) throw refused(chacha20Id, `${what} is ${size} bytes, ${size * 2} hexadecimal digits, not ${text.length}`);
  return Buffer.from(text, 'hex');
};

/** Key and nonce in 88 hexadecimal digits. Throws OPTION_INVALID. */
export const secretOf = (text: string): ChaCha20Secret => {
  const bytes = hexBytes(text.trim(), 'the secret', secretSize);
  return { key: bytes.subarray(0, keySize), nonce: bytes.subarray(keySize) };
};

/**
 * What a task says: `secret`, or the older pair `key` and `nonce`; `secret` wins. Undefined where it says neither.
 * Throws OPTION_INVALID.
 */
export const taskSecret = (config: unknown): ChaCha20Secret | undefined => {
  const given = configOf(chacha20Id, config, ['secret', 'key', 'nonce']);
  const secret = textAt(chacha20Id, given, 'secret');
  if (secret !== '') return secretOf(secret);
  const key = textAt(chacha20Id, given, 'key');
  const nonce = textAt(chacha20Id, given, 'nonce');
  if (key === '' && nonce === '') return undefined;
  if (key === '' || nonce === '') throw refused(chacha20Id, `there is no ${key === '' ? 'key' : 'nonce'}: key and nonce come together`);
  return { key: hexBytes(key, 'the key', keySize), nonce: hexBytes(nonce, 'the nonce', nonceSize) };
};

/** The same; throws OPTION_INVALID where there is none. */
export const neededSecret = (config: unknown): ChaCha20Secret => {
  const secret = taskSecret(config);
  if (secret === undefined) throw refused(chacha20Id, `a secret is needed: ${secretSize} bytes, ${secretSize * 2} hexadecimal digits`);
  return secret;
};

/** Bytes that the forward tool reads at once, as the global configuration says. Throws OPTION_INVALID. */
export const bufferSize = (config: unknown): number => {
  const size = sizeAt(chacha20Id, configOf(chacha20Id, config, ['buffer_size']), 'buffer_size') ?? usualBuffer;
  if (size < leastBuffer || size > mostBuffer) throw refused(chacha20Id, `buffer_size is from 4K to 64M, not ${size}`);
  return size;
};
