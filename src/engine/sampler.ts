import { HydrantError, toHydrantError } from '../core/errors.ts';
import { type Range, sizeOf } from '../core/range.ts';
import type { Validator } from '../core/representation.ts';
import type { Opened, Source } from './source.ts';
import type { Opening, Sources } from './sources.ts';

/** Bytes fetched to be compared, and the validator that came with them. */
export interface Sample {
  readonly bytes: Uint8Array;
  readonly validator: Validator;
}

/** From which answered request, whether a validator other than the first is an error or what is asked about, and how many milliseconds it may take. */
export interface Manner {
  readonly opening?: Opening | undefined;
  readonly heed?: 'validator' | 'length';
  readonly patience?: number;
}

/** Fetches small ranges that are compared, not stored. */
export class Sampler {
  readonly #sources: Sources;
  readonly #fetched: (bytes: number) => void;
  readonly #closing = new AbortController();

  /** `fetched` is told of every byte that came for a comparison. */
  constructor(sources: Sources, fetched: (bytes: number) => void) {
    this.#sources = sources;
    this.#fetched = fetched;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  /** The bytes of `range` (file offsets) from `source`; from the body of `opening` where that begins there. Rejects with the source's failure. */
  async fetch(
    source: Source,
    range: Range,
    { opening, heed = 'validator', patience = Number.POSITIVE_INFINITY }: Manner = {},
  ): Promise<Sample> {
    const { clock } = this.#sources.ports;
    const base = this.#sources.layout.extent(source.volume)?.start ?? 0;
    const { origin } = source;
    const ending = new AbortController();
    const end = (): void => ending.abort();
    let late = false;
    const cancel = clock.after(Math.min(patience, this.#sources.settings.stallTimeout), () => {
      late = true;
      end();
    });
    this.#closing.signal.addEventListener('abort', end, { once: true });
    if (opening === undefined) origin.active++;
    else ending.signal.addEventListener('abort', () => opening.response.close(), { once: true });
    try {
      const opened = opening ?? (await source.open({ start: range.start - base, end: range.end - base }, ending.signal, heed));
      const validator = opened.answer.kind === 'part' ? opened.answer.representation.validator : {};
      return { bytes: await this.#body(opened, source, sizeOf(range)), validator };
    } catch (error) {
      if (late) throw new HydrantError('SOURCE_STALLED', 'the source did not send a sample in time', { url: source.spec.url });
      throw toHydrantError(error, 'SOURCE_UNREACHABLE', { url: source.spec.url });
    } finally {
      cancel();
      this.#closing.signal.removeEventListener('abort', end);
      if (opening === undefined) origin.active--;
      else opening.stop();
    }
  }

  async #body({ response, answer }: Opened, source: Source, size: number): Promise<Uint8Array> {
    const { url } = source.spec;
    try {
      if (answer.kind !== 'part') throw new HydrantError('RANGE_IGNORED', 'the source does not serve the range of a sample', { url });
      const bytes = new Uint8Array(size);
      let filled = 0;
      for await (const chunk of response.body) {
        const part = chunk.bytes.subarray(0, size - filled);
        bytes.set(part, filled);
        filled += part.length;
        chunk.release();
        if (filled === size) break;
      }
      this.#fetched(filled);
      if (filled < size) throw new HydrantError('SOURCE_TRUNCATED', 'the source ended its answer early', { url });
      return bytes;
    } finally {
      response.close();
    }
  }
}

/** Whether two samples are the same bytes. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);
