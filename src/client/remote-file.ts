import { HydrantError } from '../core/errors.ts';
import type { Range } from '../core/range.ts';
import { read } from '../engine/reader.ts';
import type { FileFacts, Sources } from '../engine/sources.ts';
import { fileName } from '../http/file-name.ts';
import { MemoryStore } from '../store/memory.ts';
import { firstUrl } from './file-spec.ts';
import type { Work } from './work.ts';

/** A file at its sources, read where one likes. Reads may run side by side. Close it when done. */
export interface RemoteFile extends AsyncDisposable {
  /** Safe name that the file would have on disk. */
  readonly name: string;
  /** Bytes in the file; undefined where the source does not say. */
  readonly length: number | undefined;
  /** Media type without parameters. */
  readonly type: string | undefined;
  /** URL that answered, after redirects. */
  readonly url: string;
  /** `length` bytes from `offset` on, fewer only where the file ends before. Rejects with OPTION_INVALID for amounts that are none. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The bytes of `range` in order (`end` exclusive, to the end of the file unless told), yours to keep. Ends only at the last of them. */
  stream(range?: { readonly start?: number; readonly end?: number }, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Asks the sources of `work` and gives their file. `work` is closed with it. */
export const openRemote = async (work: Work): Promise<RemoteFile> => {
  try {
    const { sources, facts } = await work.open(0);
    return remoteFile(work, sources, facts);
  } catch (error) {
    await work.close();
    throw work.failed(error);
  }
};

const remoteFile = (work: Work, sources: Sources, facts: FileFacts): RemoteFile => {
  const asked = firstUrl(work.spec);
  const stream = (range: Range, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> =>
    bytesOf(work, sources, range, signal);
  return {
    name: fileName({ disposition: facts.name, url: facts.url, asked, type: facts.type }),
    length: facts.length,
    type: facts.type,
    url: facts.url,
    read: async (offset, length, signal) => {
      const range = checked({ start: offset, end: offset + length }, facts.length);
      const parts: Uint8Array[] = [];
      for await (const bytes of stream(range, signal)) parts.push(bytes);
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    },
    stream: ({ start = 0, end = Number.POSITIVE_INFINITY } = {}, signal) => stream(checked({ start, end }, facts.length), signal),
    close: () => work.close(),
    [Symbol.asyncDispose]: () => work.close(),
  };
};

const checked = ({ start, end }: Range, length: number | undefined): Range => {
  const whole = Number.isSafeInteger(start) && (Number.isSafeInteger(end) || end === Number.POSITIVE_INFINITY);
  if (!whole || start < 0 || end < start) throw new HydrantError('OPTION_INVALID', `there are no bytes from ${start} to ${end}`);
  return { start, end: Math.max(start, Math.min(end, length ?? end)) };
};

async function* bytesOf(work: Work, sources: Sources, range: Range, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  if (range.start >= range.end) return;
  const window = Math.min(work.settings.buffer, range.end - range.start);
  const store = new MemoryStore(window);
  store.advance(range.start);
  const either = signal === undefined ? work.signal : AbortSignal.any([work.signal, signal]);
  try {
    for await (const chunk of read(sources, store, { range, window }, either)) {
      const bytes = new Uint8Array(chunk.bytes);
      chunk.release();
      yield bytes;
    }
  } catch (error) {
    throw either.aborted ? new HydrantError('STOPPED', 'stopped', { cause: either.reason, url: firstUrl(work.spec) }) : error;
  } finally {
    await store.close();
  }
}
