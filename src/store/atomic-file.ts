import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes what was created, renamed or removed in `folder` survive a power cut, where the system can. */
export const syncFolder = async (folder: string): Promise<void> => {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders, some network filesystems sync none: there the rename is as safe as it gets.
  }
};

/** Nothing that stands there is opened, least of all what a link leads to. Windows knows no O_NOFOLLOW. */
const fresh = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Replaces the small file `path` with `content` as a whole: whoever reads it, even after a power cut, finds the old or
 * the new content. Rejects with the system's error and leaves the old file. `draft` is where it is written first, in place of
 * whatever has that name; `durable: false` leaves the syncs out.
 */
export const writeAtomically = async (
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number; readonly draft?: string; readonly durable?: boolean } = {},
): Promise<void> => {
  const { mode = 0o666, draft = `${path}.${process.pid}`, durable = true } = options;
  try {
    await rm(draft, { force: true });
    const handle = await open(draft, fresh, mode);
    try {
      await handle.writeFile(content);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
};
