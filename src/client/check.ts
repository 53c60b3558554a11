import { HydrantError } from '../core/errors.ts';
import { type Digest, parseDigest } from '../digest/digest.ts';
import type { FileSpec } from './file-spec.ts';

/** The digest that the file of `spec` must have, where one was given. Throws OPTION_INVALID. */
export const expectedOf = ({ checksum }: FileSpec): Digest | undefined => (checksum === undefined ? undefined : parseDigest(checksum));

/** DIGEST_MISMATCH for a file of `url` that has the value `hex`; `after` says what became of it. */
export const mismatch = ({ algorithm, hex: expected }: Digest, hex: string, after: string, url: string): HydrantError =>
  new HydrantError('DIGEST_MISMATCH', `the ${algorithm} digest is ${hex}, expected was ${expected}; ${after}`, { url });
