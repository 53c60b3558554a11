import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes `folder` and those that it lies in, as far as they are missing. Rejects with the system's error. Node's own
 * recursive `mkdir` tries forever where a file system has no room for a folder that nothing is in the way of (`/proc`).
 */
export const makeFolder = async (folder: string): Promise<void> => {
  if ((await made(folder)) || dirname(folder) === folder) return;
  await makeFolder(dirname(folder));
  await mkdir(folder).catch(unlessThere);
};

/** Whether `folder` is there now; not where one that it lies in is missing. */
const made = async (folder: string): Promise<boolean> => {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    unlessThere(error);
    return true;
  }
};

/** Another download may make the same folder; what else has its name is found out when something is written below it. */
const unlessThere = (error: unknown): void => {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
};
