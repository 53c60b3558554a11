import { writev } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const again = new Set(['EAGAIN', 'EINTR']);
/** Milliseconds to wait when the system takes nothing for now, and how often. */
const pause = 10;
const pauses = 100;

/** Writes as much of `parts` as goes in one call, and says how much that was. */
export type WriteOnce = (fd: number, parts: readonly Uint8Array[], position: number) => Promise<number>;

const writeOnce: WriteOnce = (fd, parts, position) =>
  new Promise((resolve, reject) => {
    writev(fd, parts, position, (error, written) => {
      if (error === null) resolve(written);
      else if (again.has(error.code ?? '')) resolve(0);
      else reject(error);
    });
  });

/** What is left of `parts` after their first `size` bytes. */
const without = (parts: readonly Uint8Array[], size: number): readonly Uint8Array[] => {
  let left = size;
  return parts.flatMap((part) => {
    const skipped = Math.min(left, part.length);
    left -= skipped;
    return skipped < part.length ? [part.subarray(skipped)] : [];
  });
};

/** Writes all `parts`, one after the other, at `position` of `fd`, in as many calls as that takes. Rejects with the system's error. */
export const writeAll = async (fd: number, parts: readonly Uint8Array[], position: number, once = writeOnce): Promise<void> => {
  let offset = position;
  let left = parts;
  for (let vain = 0; left.length > 0; ) {
    const written = await once(fd, left, offset);
    offset += written;
    if (written > 0) vain = 0;
    else if (vain++ < pauses) await delay(pause);
    else throw new Error('the system takes no more bytes');
    left = without(left, written);
  }
};
