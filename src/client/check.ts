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

/** The digest that the bytes in `store` have, where it is not the one of `digest`. */
export const wrongDigest = async (work: Work, store: FileStore, digest: Digest, name: string): Promise<string | undefined> => {
  work.tell({ event: 'verify', name, algorithm: digest.algorithm });
  const hex = await digestOfFile(store.partPath, digest, work.signal);
  return hex === digest.hex ? undefined : hex;
};

/**
 * Keeps bytes that have the wrong digest `hex` for a look at them, under a name that no later run takes for a beginning.
 * The store is gone then. Resolves with DIGEST_MISMATCH.
 */
export const setAside = async (work: Work, store: FileStore, digest: Digest, hex: string): Promise<HydrantError> => {
  const bad = `${store.partPath}.bad`;
  await rename(store.partPath, bad).catch((error: unknown) => {
    throw storeFailure(error, 'rename', store.partPath);
  });
  await store.abandon();
  return mismatch(digest, hex, `what came is kept as "${bad}"`, firstUrl(work.spec));
};
