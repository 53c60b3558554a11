import { statfs } from 'node:fs/promises';

/** Bytes that may still be written to the file system of `directory` by an ordinary user. Rejects where it is not there. */
export const freeSpace = async (directory: string): Promise<number> => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};
