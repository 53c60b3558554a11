import { HydrantError } from '../core/errors.ts';
import type { Chunk, WindowStore } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { type Progress, type TransferOptions, Window } from './demand.ts';
import type { Summary } from './meter.ts';
import type { Sources } from './sources.ts';
import { Transfer } from './transfer.ts';

/** Bytes of a file in order. A chunk counts as held until it is released. Iterate it once. */
export interface Reader extends AsyncIterable<Chunk> {
  readonly progress: Progress;
  readonly summary: Summary;
}

/** Largest piece given out at once, so that a slow reader gives its window back little by little. */
const pieceSize = 256 * 1024;

/**
 * Reads `demand.range` in order through `store`, which holds at most `demand.window` bytes. Ends only after the last
 * byte; whatever else happens throws. A reader who leaves stops the transfer.
 */
export const read = (
  sources: Sources,
  store: WindowStore,
  demand: { readonly range: Range; readonly window: number },
  signal?: AbortSignal,
  options?: TransferOptions,
): Reader => {
  const window = new Window(demand.range, demand.window);
  const transfer = new Transfer(sources, store, window, options);
  return {
    get progress() {
      return transfer.progress;
    },
    get summary() {
      return transfer.summary;
    },
    [Symbol.asyncIterator]: () => inOrder(transfer, { sources, store, window, range: demand.range }, signal),
  };
};

interface From {
  readonly sources: Sources;
  readonly store: WindowStore;
  readonly window: Window;
  readonly range: Range;
}

async function* inOrder(
  transfer: Transfer,
  { sources, store, window, range }: From,
  signal?: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  const leaving = new AbortController();
  const stop = (): void => leaving.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  let wake = (): void => undefined;
  let over: { readonly error?: unknown } | undefined;
  transfer.onHeld = () => wake();
  const running = transfer.run(leaving.signal).then(
    () => {
      over = {};
      wake();
    },
    (error: unknown) => {
      over = { error };
      wake();
    },
  );
  let head = range.start;
  try {
    for (;;) {
      const end = Math.min(range.end, sources.layout.length ?? Number.POSITIVE_INFINITY);
      if (head >= end) return;
      if (over?.error !== undefined) throw over.error;
      const bytes = store.view(head);
      if (bytes === undefined) {
        if (over !== undefined) throw new HydrantError('SOURCE_TRUNCATED', 'the transfer ended before the last byte');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const piece = bytes.subarray(0, Math.min(pieceSize, end - head));
      const next = head + piece.length;
      if (next >= end && over === undefined) {
        // The last piece is a promise that all were right: the transfer may have doubts to settle.
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        store.advance(next);
        window.advance(next);
        transfer.changed();
      };
      head = next;
      yield { bytes: piece, release };
      release();
    }
  } finally {
    leaving.abort();
    signal?.removeEventListener('abort', stop);
    await running;
  }
}
