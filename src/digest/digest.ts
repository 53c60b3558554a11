import { HydrantError } from '../core/errors.ts';
import { type Algorithm, algorithms, findAlgorithm, parseAlgorithm } from './algorithm.ts';

/** An algorithm and its value over a file (RFC 9530). */
export interface Digest {
  readonly algorithm: Algorithm;
  /** Lower case. */
  readonly hex: string;
}

const invalid = (text: string, why: string): HydrantError =>
  new HydrantError('OPTION_INVALID', `${JSON.stringify(text)} is not a digest: ${why}`);

const checked = (text: string, algorithm: Algorithm, hex: string): Digest => {
  const { size } = algorithms[algorithm];
  if (size === undefined && (hex.length === 0 || hex.length % 2 === 1))
    throw invalid(text, `${algorithm} has an even number of hexadecimal digits, not ${hex.length}`);
  if (size !== undefined && hex.length !== size * 2)
    throw invalid(text, `${algorithm} has ${size * 2} hexadecimal digits, not ${hex.length}`);
  return { algorithm, hex: hex.toLowerCase() };
};

/** Reads `sha256-BASE64` (W3C Subresource Integrity §3.5; options after `?` mean nothing). */
const parseIntegrity = (text: string): Digest | undefined => {
  for (let dash = text.lastIndexOf('-'); dash > 0; dash = text.lastIndexOf('-', dash - 1)) {
    const algorithm = findAlgorithm(text.slice(0, dash));
    const [, base64] = /^([\w+/-]+={0,2})(?:\?.*)?$/.exec(text.slice(dash + 1)) ?? [];
    if (algorithm === undefined || base64 === undefined) continue;
    const hex = Buffer.from(base64, 'base64').toString('hex');
    const { size } = algorithms[algorithm];
    if (size !== undefined && hex.length !== size * 2)
      throw invalid(
        text,
        `${algorithm} has ${4 * Math.ceil(size / 3)} base64 digits that stand for ${size} bytes, not for ${hex.length / 2}`,
      );
    return checked(text, algorithm, hex);
  }
  return undefined;
};

/**
 * The digest in `ALGO:HEX`, `ALGO=HEX` or `sha256-BASE64`; also in bare `HEX` where `usual` says which algorithm that
 * is. Throws OPTION_INVALID.
 */
export const parseDigest = (text: string, usual?: Algorithm): Digest => {
  const given = text.trim();
  const [, name, hex] = /^(?:([^:=]+)[:=]\s*)?([\da-f]+)$/i.exec(given) ?? [];
  if (name !== undefined && hex !== undefined) return checked(given, parseAlgorithm(name.trim()), hex);
  if (hex !== undefined && usual !== undefined) return checked(given, usual, hex);
  const integrity = parseIntegrity(given);
  if (integrity === undefined) throw invalid(given, 'write ALGORITHM:HEX such as md5:d41d8cd98f00b204e9800998ecf8427e, or sha256-BASE64');
  return integrity;
};

/** Throws DIGEST_MISMATCH unless `hex` is the value that was expected of what came from `url`. */
export const checkDigest = (expected: Digest, hex: string, url?: string): void => {
  if (hex === expected.hex) return;
  const detail = `the ${expected.algorithm} digest is ${hex}, expected was ${expected.hex}`;
  throw new HydrantError('DIGEST_MISMATCH', detail, url === undefined ? {} : { url });
};
