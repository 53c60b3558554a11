/**
 * Files in order, each as its bytes in order. Nothing goes to disk: one window of `buffer` bytes is held in memory, and
 * a reader who is slow stops the sources. The next file is asked for when all that is left of this one is on its way.
 */
import { HydrantError } from '../core/errors.ts';
import type { Chunk } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import type { Digest } from '../digest/digest.ts';
import { hasher } from '../digest/hasher.ts';
import { type Reader, read } from '../engine/reader.ts';
import type { FileFacts, Sources } from '../engine/sources.ts';
import { fileName } from '../http/file-name.ts';
import { parseWanted } from '../http/range-field.ts';
import { MemoryStore } from '../store/memory.ts';
import { mismatch } from './check.ts';
import { expectedOf, type FileSpec, firstUrl } from './file-spec.ts';
import { windowIn } from './memory.ts';
import { rounded, watch } from './progress.ts';
import { everything, regionOf, sizeIn } from './region.ts';
import type { Work } from './work.ts';

/** How a stream is read. */
export interface StreamOptions {
  /** Upper bound of the payload bytes held in memory; the client's unless told otherwise. */
  readonly buffer?: number;
}

/** One file of a stream. Read `bytes` or `chunks`, once, before asking for the next file. */
export interface StreamedFile {
  /** Safe name that the file would have on disk. */
  readonly name: string;
  /** Bytes to come; undefined where the source does not say. */
  readonly length: number | undefined;
  /** URL that answered, after redirects. */
  readonly url: string;
  /** Media type without parameters. */
  readonly type: string | undefined;
  /** The bytes in order, yours to keep. Throws where they are not all there and right: a wrong digest after the last of them. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The same without a copy: what is in `bytes` of a chunk is valid until its `release`, or until the next is asked for. */
  readonly chunks: AsyncIterable<Chunk>;
}

interface Prepared {
  readonly sources: Sources;
  readonly facts: FileFacts;
  readonly region: Range | undefined;
  readonly digest: Digest | undefined;
}

/** A file that was asked for and whose bytes wait to be read. */
export class Streaming {
  readonly #work: Work;
  readonly #prepared: Promise<Prepared>;
  readonly #window: number;
  #taken = false;

  /** Asks its sources at once. */
  constructor(work: Work, { buffer = work.settings.buffer }: StreamOptions = {}) {
    this.#work = work;
    this.#window = windowIn(buffer);
    const { spec } = work;
    const digest = expectedOf(spec);
    const wanted = spec.range === undefined ? everything : parseWanted(spec.range);
    work.tell({ event: 'start', url: work.url });
    this.#prepared = work.open('last' in wanted ? 0 : wanted.start).then(({ sources, facts }) => {
      const region = regionOf(spec.range, facts);
      return { sources, facts, region, digest };
    });
    // Who waits for the file sees the failure; it may not come to that.
    this.#prepared.catch(() => undefined);
  }

  /** The file, once its sources have answered. `nearEnd` is called when all that is left of it is on its way. */
  async file(nearEnd: () => void): Promise<StreamedFile> {
    const work = this.#work;
    try {
      const { facts, region } = await this.#prepared;
      const asked = firstUrl(work.spec);
      const name = fileName({ disposition: facts.name, url: facts.url, asked, type: facts.type });
      const chunks = this.#chunks(name, nearEnd);
      return { name, length: sizeIn(region, facts.length), url: facts.url, type: facts.type, chunks, bytes: owned(chunks) };
    } catch (error) {
      await work.close();
      throw work.failed(error);
    }
  }

  close(): Promise<void> {
    return this.#work.close();
  }

  async *#chunks(name: string, nearEnd: () => void): AsyncGenerator<Chunk, void, void> {
    if (this.#taken) throw new Error('the bytes of a streamed file can be read once');
    this.#taken = true;
    const work = this.#work;
    try {
      yield* this.#deliver(name, nearEnd);
    } catch (error) {
      throw work.failed(error, name);
    } finally {
      await work.close();
    }
  }

  async *#deliver(name: string, nearEnd: () => void): AsyncGenerator<Chunk, void, void> {
    const work = this.#work;
    const { sources, facts, region, digest } = await this.#prepared;
    const window = this.#window;
    const store = work.keep(new MemoryStore(window));
    const range = region ?? everything;
    store.advance(range.start);
    const reader = read(sources, store, { range, window }, work.signal, { digestKnown: digest !== undefined });
    const hash = digest === undefined ? undefined : await hasher(digest);
    const unwatch = watch(work, name, reader);
    const due = sizeIn(region, facts.length);
    let bytes = 0;
    try {
      for await (const chunk of reader) {
        bytes += chunk.bytes.length;
        hash?.update(chunk.bytes);
        if (due !== undefined && due - bytes <= window) nearEnd();
        yield chunk;
      }
    } finally {
      unwatch();
      this.#summarise(name, reader, store.peak);
    }
    const total = sizeIn(regionOf(work.spec.range, sources.facts), sources.facts.length);
    if (total !== undefined && bytes !== total)
      throw new HydrantError('LENGTH_MISMATCH', `${bytes} bytes came of ${total}`, { url: firstUrl(work.spec) });
    if (digest !== undefined && hash !== undefined) {
      work.tell({ event: 'verify', name, algorithm: digest.algorithm });
      const hex = hash.hex();
      if (hex !== digest.hex) throw mismatch(digest, hex, 'its bytes were passed on already', firstUrl(work.spec));
    }
    const verified = digest !== undefined ? 'digest' : due !== undefined ? 'length' : 'none';
    work.tell({ event: 'done', name, bytes, elapsed: work.elapsed, skipped: false, verified });
  }

  #summarise(name: string, reader: Reader, peak: number): void {
    this.#work.tell({ event: 'summary', name, ...rounded(reader.summary), peak });
  }
}

async function* owned(chunks: AsyncIterable<Chunk>): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    const bytes = new Uint8Array(chunk.bytes);
    chunk.release();
    yield bytes;
  }
}

/** The files of `specs` in order; `begin` asks for one when it comes near. What is open when the reader leaves is closed. */
export async function* streamFiles(
  specs: readonly FileSpec[],
  begin: (spec: FileSpec) => Streaming,
): AsyncGenerator<StreamedFile, void, void> {
  const waiting = specs.values();
  const beginNext = (): Streaming | undefined => {
    const { value } = waiting.next();
    return value === undefined ? undefined : begin(value);
  };
  let current = beginNext();
  let next: Streaming | undefined;
  try {
    while (current !== undefined) {
      let begun = false;
      const nearEnd = (): void => {
        if (begun) return;
        begun = true;
        next = beginNext();
      };
      yield await current.file(nearEnd);
      await current.close();
      nearEnd();
      current = next;
      next = undefined;
    }
  } finally {
    await current?.close();
    await next?.close();
  }
}
