import { HydrantError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

/** Waits `delay` milliseconds by `clock`; rejects with STOPPED as soon as `signal` is aborted. */
export const pause = (clock: Clock, delay: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new HydrantError('STOPPED'));
    const stop = (): void => {
      cancel();
      reject(new HydrantError('STOPPED'));
    };
    const cancel = clock.after(delay, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
