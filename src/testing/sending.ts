import { setImmediate, setTimeout } from 'node:timers/promises';

import { sizeOf } from '../core/range.ts';
import type { Connection } from './connection.ts';
import type { Fault } from './faults.ts';
import type { Reply } from './framing.ts';
import { lengthOf } from './framing.ts';
import type { Shaper } from './shaping.ts';

/** What becomes of an answer on its way; `at` counts payload bytes, -1 is before the head. */
type Incident = { readonly at: number } & (
  | { readonly act: 'drop' }
  | { readonly act: 'reset' }
  | { readonly act: 'stall'; readonly for: number | undefined }
);

const incidentsOf = (faults: readonly Fault[], length: number): Incident[] => {
  const incidents: Incident[] = [];
  for (const fault of faults) {
    if (fault.kind === 'short') incidents.push({ at: Math.max(0, length - fault.by), act: 'drop' });
    else if (fault.kind === 'stall') incidents.push({ at: fault.after ?? -1, act: 'stall', for: fault.for });
    else if (fault.kind === 'drop' || fault.kind === 'reset') incidents.push({ at: fault.after ?? -1, act: fault.kind });
  }
  return incidents.sort((a, b) => a.at - b.at);
};

/** Told of an answer's head, and of its payload bytes, as they go out. */
export interface Progress {
  head(): void;
  payload(bytes: number): void;
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const writeHead = async (to: Connection, head: string, bytewise: boolean): Promise<void> => {
  if (!bytewise) return to.write(head);
  for (const byte of head) {
    await to.write(byte);
    await setImmediate();
  }
};

/**
 * Puts `reply` on the wire as the faults will have it, telling `progress` of what goes out. Resolves to how it
 * ended: 'whole', 'last' (whole, and the connection ends), or 'cut'. Rejects when the peer leaves.
 */
export const send = async (
  to: Connection,
  reply: Reply,
  faults: readonly Fault[],
  shaper: Shaper,
  progress: Progress,
): Promise<'whole' | 'last' | 'cut'> => {
  const incidents = incidentsOf(faults, lengthOf(reply.parts));
  const slow = faults.find((fault) => fault.kind === 'slow');
  const lane = slow === undefined ? to.lane : shaper.lane(slow.rate);
  let done = 0;

  const suffer = async (at: number): Promise<boolean> => {
    for (let next = incidents[0]; next !== undefined && next.at <= at; next = incidents[0]) {
      incidents.shift();
      if (next.act === 'stall') {
        await (next.for === undefined ? never(to.gone) : setTimeout(next.for, undefined, { signal: to.gone }));
        continue;
      }
      if (next.act === 'drop') to.end();
      else {
        // A reset overtakes what the peer has not read yet.
        if (at > 0) await setTimeout(10, undefined, { signal: to.gone });
        to.reset();
      }
      return true;
    }
    return false;
  };

  if (await suffer(-1)) return 'cut';
  progress.head();
  await writeHead(
    to,
    reply.head,
    faults.some((fault) => fault.kind === 'bytewise'),
  );
  for (const { content, range } of reply.parts) {
    for (let offset = range.start; offset < range.end; ) {
      if (await suffer(done)) return 'cut';
      const until = (incidents[0]?.at ?? Number.POSITIVE_INFINITY) - done;
      const want = Math.min(sizeOf({ start: offset, end: range.end }), to.scratch.length, until);
      const piece = to.scratch.subarray(0, await shaper.take(lane, want, to.gone));
      content.copy(piece, offset);
      offset += piece.length;
      done += piece.length;
      progress.payload(piece.length);
      await to.write(reply.chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]) : piece);
    }
  }
  if (await suffer(done)) return 'cut';
  if (reply.chunked) await to.write('0\r\n\r\n');
  if (!reply.close) return 'whole';
  to.end();
  return 'last';
};
