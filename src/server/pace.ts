import { HydrantError } from '../core/errors.ts';
import type { Line } from '../transport/line.ts';
import type { LimitAlgorithm } from './task-config.ts';

/** Has `line` keep `rate` bytes per second, 0 for any, measured as `algorithm` says. */
export const setLimit = (line: Line, rate: number, algorithm: LimitAlgorithm): void => {
  line.measure = algorithm === 'sliding_window' ? 'window' : 'bucket';
  line.rate = rate === 0 ? Number.POSITIVE_INFINITY : rate;
};

/** Waits until all of `lines` let `bytes` pass. Rejects with STOPPED where `signal` aborts first. */
export const pace = async (bytes: number, lines: readonly Line[], signal: AbortSignal): Promise<void> => {
  for (const line of lines) {
    for (let left = bytes; left > 0; ) {
      const share = Math.min(left, line.share);
      left -= share;
      if (!line.passes(share)) await turn(line, share, signal);
    }
  }
};

const turn = async (line: Line, bytes: number, signal: AbortSignal): Promise<void> => {
  let leave: (error: HydrantError) => void = () => undefined;
  const stop = (): void => leave(new HydrantError('STOPPED', 'stopped', { cause: signal.reason }));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await line.wait(bytes, (abort) => {
      leave = abort;
      if (signal.aborted) stop();
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
