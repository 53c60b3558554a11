import { rename } from 'node:fs/promises';

import { HydrantError } from '../core/errors.ts';
import type { Digest } from '../digest/digest.ts';
import { digestOfFile } from '../digest/file-digest.ts';
import { storeFailure } from '../store/failure.ts';
import type { FileStore } from '../store/file.ts';
import { firstUrl } from './file-spec.ts';
import type { Work } from './work.ts';

/** DIGEST_MISMATCH for a file of `url` that has the value `hex`; `after` says what became of it. */
export const mismatch = ({ algorithm, hex: expected }: Digest, hex: string, after: string, url: string): HydrantError =>
  new HydrantError('DIGEST_MISMATCH', `the ${algorithm} digest is ${hex}, expected was ${expected}; ${after}`, { url });

/**
 * Holds the bytes in `store` against `digest`. Throws DIGEST_MISMATCH: they are then kept for a look at them, under a
 * name that no later run takes for a beginning, and the store is gone.
 */
export const verify = async (work: Work, store: FileStore, digest: Digest, name: string): Promise<void> => {
  work.tell({ event: 'verify', name, algorithm: digest.algorithm });
  const hex = await digestOfFile(store.partPath, digest, work.signal);
  if (hex === digest.hex) return;
  const bad = `${store.partPath}.bad`;
  await rename(store.partPath, bad).catch((error: unknown) => {
    throw storeFailure(error, 'rename', store.partPath);
  });
  await store.abandon();
  throw mismatch(digest, hex, `what came is kept as "${bad}"`, firstUrl(work.spec));
};
