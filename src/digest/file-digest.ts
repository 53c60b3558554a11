import { type FileHandle, open } from 'node:fs/promises';

import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Digest } from './digest.ts';
import { type Hasher, hasher } from './hasher.ts';

/** Small enough to hash between two events without anybody noticing. */
const pieceSize = 1 << 20;

const hashPieces = async (file: FileHandle, hash: Hasher, signal?: AbortSignal): Promise<void> => {
  const pieces = [Buffer.allocUnsafeSlow(pieceSize), Buffer.allocUnsafeSlow(pieceSize)] as const;
  const read = (turn: number): Promise<{ bytesRead: number; buffer: Buffer }> => file.read(pieces[turn % 2 === 0 ? 0 : 1], 0, pieceSize);
  let { bytesRead, buffer } = await read(0);
  for (let turn = 1; bytesRead > 0; turn++) {
    if (signal?.aborted) throw new HydrantError('STOPPED');
    // The disk reads the next piece while this one is hashed.
    const next = read(turn);
    hash.update(buffer.subarray(0, bytesRead));
    ({ bytesRead, buffer } = await next);
  }
};

/** Value over the file at `path` by the algorithm of `digest`, in lower-case hex. Rejects with STORE_FAILED, or STOPPED by `signal`. */
export const digestOfFile = async (path: string, digest: Digest, signal?: AbortSignal): Promise<string> => {
  const hash = await hasher(digest);
  try {
    const file = await open(path);
    try {
      await hashPieces(file, hash, signal);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toHydrantError(error, 'STORE_FAILED');
  }
  return hash.hex();
};
