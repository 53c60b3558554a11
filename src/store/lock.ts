/*
 * A lock is a small file that names the process holding it. A lock whose process is gone is taken over; so that two
 * never take over the same one, whoever wants to must first hold the lock on *that very holder's* lock, a file beside it,
 * and look once more. With kill -9 at any instant nothing has to be cleaned up by hand.
 */
import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { isMissing } from './failure.ts';
import { processName } from './machine.ts';

const alive = (holder: string): boolean => processName(Number.parseInt(holder, 10)) === holder;

/** What the lock at `path` says; '' where, after `looks` looks, its maker still hasn't signed it. */
const holderOf = async (path: string, looks: number): Promise<string | undefined> => {
  for (let look = 0; look < looks; look++) {
    if (look > 0) await delay(20);
    try {
      const holder = await readFile(path, 'latin1');
      if (holder.endsWith('\n')) return holder.slice(0, -1);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
  return '';
};

/** Makes the file `path`, signed; false where there is one. One that can't be signed, as on a full disk, is not left there. */
const made = async (path: string, signature: string): Promise<boolean> => {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(signature);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** Who holds a lock that could not be had. */
export interface Held {
  readonly pid: number;
}

/** Takes the lock file `path`: the function that gives it back, or who holds it. Rejects with the system's errors. */
export const lock = async (path: string): Promise<(() => Promise<void>) | Held> => {
  const me = processName(process.pid) ?? `${process.pid}`;
  const unlock = () => rm(path, { force: true });
  for (;;) {
    if (await made(path, `${me}\n`)) return unlock;
    // A maker takes far less than these 2 s to sign: who hasn't by then died before it could.
    const holder = await holderOf(path, 100);
    if (holder === undefined) continue;
    if (alive(holder)) return { pid: Number.parseInt(holder, 10) };
    const heir = await lock(`${path}.${createHash('sha256').update(holder).digest('hex').slice(0, 8)}`);
    if (typeof heir !== 'function') return heir;
    try {
      if ((await holderOf(path, 1)) === holder) await rm(path);
    } finally {
      await heir();
    }
  }
};
