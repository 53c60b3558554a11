import { HydrantError } from '../core/errors.ts';
import type { Chunk, Clock } from '../core/ports.ts';
import type { Lease } from './lease.ts';
import type { Opened } from './source.ts';

/** Where a worker puts what comes: takes ownership of the chunk; a promise means that it should wait before the next. */
export type Take = (lease: Lease, chunk: Chunk) => Promise<void> | undefined;

/**
 * Carries out one lease: asks, checks the head of the answer, and gives on every chunk at the lease's cursor until the
 * lease's end, which may move meanwhile. Resolves with whether the body ended where the file does. Rejects with the
 * failure of its source or of the store.
 */
export const carryOut = async (lease: Lease, take: Take, clock: Clock): Promise<boolean> => {
  const opened = lease.opened ?? (await lease.source.open({ start: lease.cursor - lease.base, end: lease.end - lease.base }, lease.signal));
  const { response } = opened;
  const stop = (): void => response.close();
  lease.signal.addEventListener('abort', stop, { once: true });
  try {
    const end = endOf(lease, opened);
    lease.heldBack = () => response.heldBack ?? 0;
    for await (const chunk of response.body) {
      if (lease.stopped) {
        chunk.release();
        return false;
      }
      lease.arrived(clock.now(), chunk.bytes.length);
      const wait = take(lease, chunk);
      if (wait !== undefined) {
        lease.waits(clock.now());
        await wait;
        lease.goesOn(clock.now());
      }
      if (lease.cursor >= lease.end) return lease.cursor >= end;
    }
    if (end !== Number.POSITIVE_INFINITY && lease.cursor < Math.min(end, lease.end)) {
      throw new HydrantError('SOURCE_TRUNCATED', 'the source ended its answer early', { url: lease.source.spec.url });
    }
    return lease.whole;
  } finally {
    lease.signal.removeEventListener('abort', stop);
    response.close();
  }
};

/** File offset at which the body of `opened` ends; moves the lease to where the body begins. Throws RANGE_IGNORED, SOURCE_CHANGED. */
const endOf = (lease: Lease, { answer }: Opened): number => {
  const { url } = lease.source.spec;
  switch (answer.kind) {
    case 'part':
      if (lease.base + answer.range.end < lease.end) lease.end = lease.base + answer.range.end;
      return lease.base + answer.range.end;
    case 'whole': {
      if (!lease.whole && lease.cursor !== lease.base) {
        throw new HydrantError('RANGE_IGNORED', 'the source answered a ranged request with the whole file', { url });
      }
      lease.cursor = lease.base;
      return lease.base + (answer.representation.length ?? Number.POSITIVE_INFINITY);
    }
    case 'empty':
    case 'outside':
      throw new HydrantError('SOURCE_CHANGED', 'the file became shorter at its source while it was fetched', { url });
  }
};
