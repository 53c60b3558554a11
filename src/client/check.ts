import { HydrantError } from '../core/errors.ts';
import { type Digest, parseDigest } from '../digest/digest.ts';

/** The digest that `checksum` says, where there is one. Throws OPTION_INVALID. */
export const expectedOf = (checksum: string | undefined): Digest | undefined =>
  checksum === undefined ? undefined : parseDigest(checksum);

/** DIGEST_MISMATCH for a file of `url` that has the value `hex`; `after` says what became of it. */
export const mismatch = ({ algorithm, hex: expected }: Digest, hex: string, after: string, url: string): HydrantError =>
  new HydrantError('DIGEST_MISMATCH', `the ${algorithm} digest is ${hex}, expected was ${expected}; ${after}`, { url });
