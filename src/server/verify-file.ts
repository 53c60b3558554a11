import { stat } from 'node:fs/promises';

import { HydrantError } from '../core/errors.ts';
import { checkDigest, parseDigest } from '../digest/digest.ts';
import { digestOfFile } from '../digest/file-digest.ts';
import { storeFailure } from '../store/failure.ts';

/**
 * Holds the file at `path` against its digest, or its length where it has none: by what it was found to be right.
 * Rejects with DIGEST_MISMATCH, LENGTH_MISMATCH, STORE_FAILED, or STOPPED by `signal`.
 */
export const verifyFile = async (
  path: string,
  { checksum, total_bytes: total }: { readonly checksum: string | null; readonly total_bytes: number | null },
  signal: AbortSignal,
): Promise<'digest' | 'length' | 'none'> => {
  const { size } = await stat(path).catch((error: unknown) => {
    throw storeFailure(error, 'read', path);
  });
  if (total !== null && size !== total) throw new HydrantError('LENGTH_MISMATCH', `the file has ${size} bytes, expected were ${total}`);
  if (checksum === null) return total === null ? 'none' : 'length';
  const digest = parseDigest(checksum);
  checkDigest(digest, await digestOfFile(path, digest, signal));
  return 'digest';
};
