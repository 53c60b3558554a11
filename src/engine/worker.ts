import { HydrantError } from '../core/errors.ts';
import type { Chunk, Clock } from '../core/ports.ts';
import type { Lease } from './lease.ts';
import type { Opened } from './source.ts';

/** Where a worker puts what comes: takes ownership of the chunk; a promise means that it should wait before the next. */
export type Take = (lease: Lease, chunk: Chunk) => Promise<void> | undefined;

/** How a lease ended: whether the body ended where the file does, and the file's length in the volume where that was news. */
export interface Ending {
  readonly atEnd: boolean;
  readonly length?: number;
}

/**
 * Carries out one lease: asks, checks the head of the answer, and gives on every chunk at the lease's cursor until the
 * lease's end, which may move meanwhile. Rejects with the failure of its source or of the store.
 */
export const carryOut = async (lease: Lease, take: Take, clock: Clock): Promise<Ending> => {
  const opened = lease.opened ?? (await lease.source.open({ start: lease.cursor - lease.base, end: lease.end - lease.base }, lease.signal));
  const { response } = opened;
  const stop = (): void => response.close();
  lease.signal.addEventListener('abort', stop, { once: true });
  try {
    const body = bodyOf(lease, opened);
    if ('length' in body) return { atEnd: true, length: body.length };
    const { end } = body;
    lease.heldBack = () => response.heldBack ?? 0;
    for await (const chunk of response.body) {
      if (lease.stopped) {
        chunk.release();
        return { atEnd: false };
      }
      lease.arrived(clock.now(), chunk.bytes.length);
      const wait = take(lease, chunk);
      if (wait !== undefined) {
        lease.waits(clock.now());
        await wait;
        lease.goesOn(clock.now());
      }
      if (lease.cursor >= lease.end) return { atEnd: lease.cursor >= end };
    }
    if (end !== Number.POSITIVE_INFINITY && lease.cursor < Math.min(end, lease.end)) {
      throw new HydrantError('SOURCE_TRUNCATED', 'the source ended its answer early', { url: lease.source.spec.url });
    }
    return { atEnd: lease.whole };
  } finally {
    lease.signal.removeEventListener('abort', stop);
    response.close();
  }
};

/**
 * File offset at which the body of `opened` ends, having moved the lease to where it begins; or the length, where the
 * lease was for bytes past an end that nobody knew. Throws RANGE_IGNORED, SOURCE_CHANGED.
 */
const bodyOf = (lease: Lease, { answer }: Opened): { readonly end: number } | { readonly length: number } => {
  const { representation, spec } = lease.source;
  const refused = (detail: string): HydrantError => new HydrantError('RANGE_IGNORED', detail, { url: spec.url });
  switch (answer.kind) {
    case 'part':
      // Nothing would tell that bytes are left out: a part of unknown length ends like the file.
      if (lease.whole && answer.range.end !== answer.representation.length)
        throw refused('the source gave a part where the whole file was asked for');
      if (lease.base + answer.range.end < lease.end) {
        lease.end = lease.base + answer.range.end;
        lease.short = answer.range.end !== representation?.length;
      }
      return { end: lease.base + answer.range.end };
    case 'whole': {
      if (!lease.whole && lease.cursor !== lease.base) throw refused('the source answered a ranged request with the whole file');
      lease.cursor = lease.base;
      return { end: lease.base + (answer.representation.length ?? Number.POSITIVE_INFINITY) };
    }
    case 'empty':
    case 'outside': {
      const length = answer.kind === 'empty' ? 0 : answer.length;
      const asked = lease.cursor - lease.base;
      if (length === undefined || length > asked) throw refused('the source refuses a range that lies within the file (416)');
      if (representation?.length === undefined) return { length };
      throw new HydrantError('SOURCE_CHANGED', 'the file became shorter at its source while it was fetched', { url: spec.url });
    }
  }
};
