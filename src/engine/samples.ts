/**
 * Proof that sources serve one file before their bytes are mixed. The first source of a volume to answer is the
 * reference; from every other the same few small samples of what is held are fetched and compared, and once more when
 * half is there. Those that differ are outvoted and named, or overturn the reference, or nobody can tell: then the
 * transfer fails rather than make a file that matches no source. Bytes held from an earlier run that no validator
 * proves are a reference too.
 */
import { verdict } from '../core/agreement.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { intersect, type Range, sizeOf } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Opened, Source } from './source.ts';
import { type Sources, sampleSize } from './sources.ts';
import type { TransferOptions } from './transfer.ts';
import { usable } from './view.ts';

/** A file smaller than this is not sampled again when half of it is there. */
const worthAuditing = 1024 * 1024;
/** How long a reference may bring nothing before another takes its place, in milliseconds. */
const silent = 1_500;

/** What samples need of their transfer. */
export interface Court {
  /** Where the transfer's demand begins in the file. */
  readonly from: number;
  /** How far into the file anything is wanted now. */
  until(): number;
  changed(): void;
  failed(error: HydrantError): void;
  twice(bytes: number): void;
  /** Stops the leases of a source whose bytes are not wanted any more. */
  dropped(source: Source): void;
  /** Whether a reader already has bytes that can't be called back. */
  delivered(): boolean;
}

/** A place that is compared. `reference`: what is held there. */
interface Place {
  readonly range: Range;
  reference: Uint8Array | undefined;
}

interface Volume {
  readonly places: Place[];
  readonly heard: Map<Source, Map<Place, Uint8Array>>;
  readonly busy: Set<Source>;
  readonly since: number;
  audited: boolean;
}

export class Samples {
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #options: TransferOptions;
  readonly #court: Court;
  readonly #volumes: Volume[];
  readonly #closing = new AbortController();
  #open = 0;
  #reviewing = false;

  constructor(sources: Sources, store: Store, options: TransferOptions, court: Court) {
    this.#sources = sources;
    this.#store = store;
    this.#options = options;
    this.#court = court;
    const since = sources.ports.clock.now();
    this.#volumes = Array.from({ length: sources.layout.count }, () => ({
      places: [],
      heard: new Map(),
      busy: new Set(),
      since,
      audited: false,
    }));
  }

  /** Looks at every source whose standing is open and does the next thing for it. */
  review(): void {
    if (this.#reviewing || this.#closing.signal.aborted) return;
    this.#reviewing = true;
    try {
      for (const [index, volume] of this.#volumes.entries()) this.#reviewVolume(index, volume);
    } finally {
      this.#reviewing = false;
    }
  }

  /** Keeps what is held at places whose comparison is due: a reader may move past them. */
  capture(): void {
    if (this.#open === 0) return;
    for (const volume of this.#volumes) {
      for (const place of volume.places) if (place.reference === undefined) this.#read(place);
    }
  }

  /**
   * A source's validator changed. Asks some more: one that changes with every answer, or comes back, is an origin that
   * contradicts itself (some CDNs do), held to length and samples from then on; else the file did change.
   */
  async contradicts(source: Source, error: HydrantError): Promise<void> {
    const known = source.representation;
    const length = known?.length;
    const held = this.#randomHeld(this.#extent(source.volume), new RangeSet());
    if (known === undefined || length === undefined || held === undefined) return this.#changedFor(source, error);
    const base = this.#extent(source.volume).start;
    const reference = await this.#store.read(held).catch(() => undefined);
    source.contradictory = true;
    source.status = 'resting';
    source.restUntil = Number.POSITIVE_INFINITY;
    const tags: (string | undefined)[] = [];
    let same = reference !== undefined;
    for (let round = 0; round < 4 && same && !this.#closing.signal.aborted; round++) {
      try {
        const opened = await source.open({ start: held.start - base, end: held.end - base }, this.#closing.signal);
        const bytes = await this.#body(opened, sizeOf(held));
        const answer = opened.answer;
        const validator = answer.kind === 'part' ? answer.representation.validator : {};
        same = reference !== undefined && equal(bytes, reference) && validator.lastModified === known.validator.lastModified;
        tags.push(validator.etag);
      } catch {
        same = false;
      }
    }
    if (this.#closing.signal.aborted) return;
    const flips = tags.includes(known.validator.etag) || new Set(tags).size === tags.length;
    if (!same || !flips) {
      source.contradictory = false;
      return this.#changedFor(source, error);
    }
    source.status = 'ready';
    this.#sources.ports.observe({
      event: 'source',
      url: source.url,
      state: 'contradictory',
      message: 'its ETag changes from answer to answer: held to length and samples',
    });
    this.#court.changed();
  }

  close(): void {
    this.#closing.abort();
  }

  #changedFor(source: Source, error: HydrantError): void {
    source.leaveOut(error);
    this.#court.dropped(source);
    this.#court.changed();
  }

  #reviewVolume(index: number, volume: Volume): void {
    const sources = this.#sources.of(index);
    const answered = sources.filter((source) => source.representation !== undefined && source.status !== 'out');
    if (answered.length === 0 || this.#sources.layout.extent(index) === undefined) return;
    const unproven = this.#options.unproven === true && this.#heldSize(index) > 0;
    const admitted = answered.filter((source) => source.standing === 'admitted');
    const open = answered.filter((source) => source.standing === 'unknown');
    if (admitted.length === 0 && !unproven && open.length > 0) {
      const first = open.find((source) => !source.whole) ?? open[0];
      if (first !== undefined) return this.#admit(first);
    }
    this.#replaceSilent(index, volume, admitted, open);
    this.#open = this.#volumes.reduce((sum, one) => sum + one.places.filter((place) => place.reference === undefined).length, 0);
    for (const source of open) this.#examine(index, volume, source);
    for (const source of answered) if (source.standing === 'dissenting' && source.status !== 'out') this.#judge(index, volume);
    if (admitted.length > 1 && !volume.audited) this.#audit(index, volume, admitted);
  }

  /** A reference that answered but brings nothing must not keep the others waiting. */
  #replaceSilent(index: number, volume: Volume, admitted: readonly Source[], open: readonly Source[]): void {
    const now = this.#sources.ports.clock.now();
    const [only] = admitted;
    const next = open.find((source) => !source.whole && source.representation !== undefined);
    if (only === undefined || admitted.length > 1 || next === undefined || now - volume.since < silent || this.#heldSize(index) > 0) return;
    only.standing = 'unknown';
    this.#court.dropped(only);
    this.#admit(next);
  }

  #admit(source: Source): void {
    source.standing = 'admitted';
    this.#court.changed();
  }

  #examine(index: number, volume: Volume, source: Source): void {
    const now = this.#sources.ports.clock.now();
    if (volume.busy.has(source) || (source.status === 'resting' && now < source.restUntil)) return;
    if (source.whole) {
      // Without ranges it can't be sampled: what it brings is compared with what is held as it passes by.
      const ranged = this.#sources.of(index).some((other) => other !== source && !other.whole && other.status !== 'out');
      if (!ranged || this.#sources.of(index).every((other) => other === source || other.failures >= 3 || other.status === 'out'))
        this.#admit(source);
      return;
    }
    const places = this.#places(index, volume, now);
    const heard = volume.heard.get(source) ?? new Map<Place, Uint8Array>();
    volume.heard.set(source, heard);
    for (const place of places) {
      const bytes = heard.get(place);
      if (bytes === undefined) {
        volume.busy.add(source);
        void this.#hear(index, volume, source, place, heard);
        return;
      }
      if (place.reference === undefined) this.#read(place);
      if (place.reference === undefined) return;
      if (!equal(bytes, place.reference)) return this.#dissents(index, volume, source);
    }
    if (places.length >= this.#placesWanted(index)) this.#admit(source);
  }

  #dissents(index: number, volume: Volume, source: Source): void {
    if (this.#options.unproven === true && this.#sources.of(index).every((other) => other.standing !== 'admitted')) {
      return this.#court.failed(
        new HydrantError('SOURCE_CHANGED', 'what is there from before is not what the source serves now', { url: source.spec.url }),
      );
    }
    source.standing = 'dissenting';
    source.error = new HydrantError('SOURCES_DISAGREE', 'it serves other bytes than the other sources', { url: source.spec.url });
    this.#judge(index, volume);
  }

  /** Fetches one sample; the answered first request serves where it begins there. */
  async #hear(index: number, volume: Volume, source: Source, place: Place, heard: Map<Place, Uint8Array>): Promise<void> {
    const base = this.#extent(index).start;
    const range = { start: place.range.start - base, end: place.range.end - base };
    const waiting = this.#sources.openingOf(source);
    const opening =
      waiting !== undefined && waiting.range.start === range.start && waiting.range.end >= range.end
        ? this.#sources.takeOpening(source)
        : undefined;
    const { origin } = source;
    if (opening === undefined) origin.active++;
    const cancel = this.#sources.ports.clock.after(this.#sources.settings.stallTimeout, () => late.abort());
    const late = new AbortController();
    const stop = (): void => late.abort();
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    const close = (): void => opening?.response.close();
    late.signal.addEventListener('abort', close, { once: true });
    try {
      const opened = opening ?? (await source.open(range, late.signal));
      heard.set(place, await this.#body(opened, sizeOf(range)));
      source.progressed();
    } catch (error) {
      if (!this.#closing.signal.aborted) {
        const stall = new HydrantError('SOURCE_STALLED', 'the source did not answer a sample in time', { url: source.spec.url });
        const fault = late.signal.aborted ? stall : toHydrantError(error, 'SOURCE_UNREACHABLE', { url: source.spec.url });
        if (fault.code === 'SOURCE_CHANGED') source.leaveOut(fault);
        else source.failed(fault);
      }
    } finally {
      cancel();
      this.#closing.signal.removeEventListener('abort', stop);
      if (opening === undefined) origin.active--;
      else opening.stop();
      volume.busy.delete(source);
      this.#court.changed();
    }
  }

  async #body({ response, answer }: Opened, size: number): Promise<Uint8Array> {
    try {
      if (answer.kind !== 'part')
        throw new HydrantError('RANGE_IGNORED', 'the source answered a sample with something else', { url: response.url });
      const bytes = new Uint8Array(size);
      let filled = 0;
      for await (const chunk of response.body) {
        const part = chunk.bytes.subarray(0, size - filled);
        bytes.set(part, filled);
        filled += part.length;
        chunk.release();
        if (filled === size) break;
      }
      this.#court.twice(filled);
      if (filled < size) throw new HydrantError('SOURCE_TRUNCATED', 'the source ended its answer early', { url: response.url });
      return bytes;
    } finally {
      response.close();
    }
  }

  #judge(index: number, volume: Volume): void {
    const sources = this.#sources.of(index);
    const dissenting = sources.filter((source) => source.standing === 'dissenting' && source.status !== 'out');
    const admitted = sources.filter((source) => source.standing === 'admitted' && source.status !== 'out');
    const groups = this.#groups(volume, dissenting);
    const largest = groups.reduce<Source[]>((best, group) => (group.length > best.length ? group : best), []);
    const pending = sources.filter(
      (source) => source.standing === 'unknown' && source.status !== 'out' && source.failures === 0 && !source.whole,
    ).length;
    switch (
      verdict({ supporters: admitted.length, dissenters: largest.length, pending, digestKnown: this.#options.digestKnown === true })
    ) {
      case 'wait':
        return;
      case 'keep':
        for (const source of dissenting)
          source.leaveOut(source.error ?? new HydrantError('SOURCES_DISAGREE', undefined, { url: source.spec.url }));
        return;
      case 'overturn':
        return this.#overturn(index, volume, admitted, largest);
      case 'undecided':
        return this.#court.failed(this.#disagreement(admitted, dissenting));
    }
  }

  #disagreement(admitted: readonly Source[], dissenting: readonly Source[]): HydrantError {
    const [one, other] = [admitted[0], dissenting[0]];
    const detail = dissenting.find((source) => source.error?.message.includes('length'))?.error?.message;
    const why = detail === undefined ? 'other bytes' : `another length (${detail})`;
    const text = `the sources serve different files: ${other?.url ?? ''} has ${why} than ${one?.url ?? ''}; give a --checksum or a third source to decide`;
    return new HydrantError('SOURCES_DISAGREE', text, other === undefined ? {} : { url: other.spec.url });
  }

  /** The majority is against what is held: that is dropped, with its bringers. */
  #overturn(index: number, volume: Volume, admitted: readonly Source[], group: readonly Source[]): void {
    if (this.#court.delivered()) return this.#court.failed(this.#disagreement(group, admitted));
    const extent = this.#extent(index);
    for (const source of admitted) {
      this.#court.dropped(source);
      source.leaveOut(
        new HydrantError('SOURCES_DISAGREE', `it serves another file than ${group.length} other sources`, { url: source.spec.url }),
      );
    }
    volume.places.length = 0;
    volume.heard.clear();
    const length = group[0]?.representation?.length;
    if (length !== undefined) this.#sources.layout.setLength(index, length);
    void Promise.all([...this.#store.held.within(extent)].map((range) => this.#store.discard(range))).then(
      () => {
        for (const source of group) {
          source.standing = 'admitted';
          source.error = undefined;
        }
        this.#court.changed();
      },
      (error: unknown) => this.#court.failed(toHydrantError(error, 'STORE_FAILED')),
    );
  }

  /** Dissenters that agree with each other wherever both were asked. */
  #groups(volume: Volume, dissenting: readonly Source[]): Source[][] {
    const groups: Source[][] = [];
    for (const source of dissenting) {
      const group = groups.find(([first]) => first !== undefined && this.#agree(volume, first, source));
      if (group === undefined) groups.push([source]);
      else group.push(source);
    }
    return groups;
  }

  #agree(volume: Volume, one: Source, other: Source): boolean {
    if (one.representation?.length !== other.representation?.length) return false;
    const heard = volume.heard.get(other);
    for (const [place, bytes] of volume.heard.get(one) ?? []) {
      const theirs = heard?.get(place);
      if (theirs !== undefined && !equal(bytes, theirs)) return false;
    }
    return true;
  }

  /** When half is there: one more random place of each source, among what others brought. */
  #audit(index: number, volume: Volume, admitted: readonly Source[]): void {
    const extent = this.#extent(index);
    const length = this.#sources.layout.lengthOf(index);
    if (length === undefined || this.#heldSize(index) * 2 < length || length < worthAuditing) return;
    volume.audited = true;
    for (const source of admitted) {
      const range = this.#randomHeld(extent, source.brought);
      if (range === undefined || source.whole || !usable(source, this.#sources.ports.clock.now())) continue;
      void this.#compareAt(source, range, extent.start);
    }
  }

  async #compareAt(source: Source, range: Range, base: number): Promise<void> {
    const reference = await this.#store.read(range).catch(() => undefined);
    if (reference === undefined) return;
    source.origin.active++;
    try {
      const opened = await source.open({ start: range.start - base, end: range.end - base }, this.#closing.signal);
      const bytes = await this.#body(opened, sizeOf(range));
      if (equal(bytes, reference) || this.#options.digestKnown === true) return;
      this.#court.failed(
        new HydrantError(
          'SOURCES_DISAGREE',
          `the sources serve different files: ${source.url} has other bytes at offset ${range.start} than the others; give a --checksum`,
          {
            url: source.spec.url,
          },
        ),
      );
    } catch {
      // A source that fails here is found out by its leases.
    } finally {
      source.origin.active--;
    }
  }

  #placesWanted(index: number): number {
    const length = this.#sources.layout.lengthOf(index);
    return length !== undefined && length <= 2 * sampleSize ? 1 : 2;
  }

  /**
   * The places to compare, as far as they can be chosen yet: where the demand begins, and one at random, for which the
   * reference is asked too; of what is held from an earlier run only, where that is in question.
   */
  #places(index: number, volume: Volume, now: number): readonly Place[] {
    const { places } = volume;
    const extent = this.#extent(index);
    const chosen = new RangeSet(places.map((place) => place.range));
    if (this.#options.unproven === true) {
      while (places.length < this.#placesWanted(index)) {
        const range = this.#randomHeld(extent, chosen);
        if (range === undefined) break;
        places.push(this.#place(range));
        chosen.add(range);
      }
      return places;
    }
    const start = index === 0 ? Math.min(Math.max(extent.start, this.#court.from), extent.end) : extent.start;
    if (places.length === 0) {
      const range = intersect({ start, end: start + sampleSize }, extent);
      if (range !== undefined) places.push(this.#place(range));
    } else if (places.length === 1 && this.#placesWanted(index) === 2) {
      const place = this.#place(this.#random({ start: start + sampleSize, end: Math.min(extent.end, this.#court.until()) }));
      places.push(place);
      if (place.reference === undefined) void this.#askReference(index, place);
    } else if (places[1] !== undefined && places[1].reference === undefined && now - volume.since > silent) {
      // The reference does not answer for the place: one of what it has brought must do.
      const range = this.#randomHeld(extent, new RangeSet());
      if (range !== undefined) places[1] = this.#place(range);
    }
    return places;
  }

  async #askReference(index: number, place: Place): Promise<void> {
    const now = this.#sources.ports.clock.now();
    const source = this.#sources.of(index).find((one) => one.standing === 'admitted' && !one.whole && usable(one, now));
    if (source === undefined) return;
    const { start } = this.#extent(index);
    source.origin.active++;
    try {
      const opened = await source.open({ start: place.range.start - start, end: place.range.end - start }, this.#closing.signal);
      place.reference ??= await this.#body(opened, sizeOf(place.range));
      this.#open = Math.max(0, this.#open - 1);
    } catch {
      // Another place is taken in time.
    } finally {
      source.origin.active--;
      this.#court.changed();
    }
  }

  /** A random sample-sized range within `range`, as far as it is long enough. */
  #random(range: Range): Range {
    const end = range.end === Number.POSITIVE_INFINITY ? range.start + 64 * sampleSize : range.end;
    const start = range.start + Math.floor(this.#sources.ports.random() * Math.max(0, end - sampleSize - range.start));
    return { start, end: Math.max(start + 1, Math.min(end, start + sampleSize)) };
  }

  #place(range: Range): Place {
    const place: Place = { range, reference: undefined };
    this.#read(place);
    if (place.reference === undefined) this.#open++;
    return place;
  }

  #read(place: Place): void {
    if (place.reference !== undefined || !this.#store.held.covers(place.range)) return;
    // Marked at once, so that it is read only once; a comparison waits until it is filled.
    const length = sizeOf(place.range);
    void this.#store.read(place.range).then(
      (bytes) => {
        if (bytes.length !== length) return;
        place.reference = bytes;
        this.#open = Math.max(0, this.#open - 1);
        this.#court.changed();
      },
      () => undefined,
    );
  }

  #randomHeld(extent: Range, except: RangeSet): Range | undefined {
    const candidates = [...this.#store.held.within(extent)].flatMap((range) => [...except.gaps(range)]);
    const total = candidates.reduce((sum, range) => sum + sizeOf(range), 0);
    let at = Math.floor(this.#sources.ports.random() * total);
    for (const range of candidates) {
      if (at >= sizeOf(range)) {
        at -= sizeOf(range);
        continue;
      }
      const start = Math.max(range.start, Math.min(range.start + at, range.end - sampleSize));
      return { start, end: Math.min(range.end, start + sampleSize) };
    }
    return undefined;
  }

  #extent(index: number): Range {
    return this.#sources.layout.extent(index) ?? { start: 0, end: 0 };
  }

  #heldSize(index: number): number {
    return [...this.#store.held.within(this.#extent(index))].reduce((sum, range) => sum + sizeOf(range), 0);
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, index) => byte === b[index]);
