/**
 * Proof that sources serve one file before their bytes are mixed. The first source of a volume to answer is the
 * reference; from every other the same few small samples are fetched and compared, and what each then brings is audited.
 * Those that differ are outvoted and named, or overturn the reference, or nobody can tell: then the transfer fails
 * rather than make a file that matches no source. Bytes from an earlier run that no validator proves are a reference too.
 */
import { verdict } from '../core/agreement.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Store } from '../core/ports.ts';
import { intersect, type Range } from '../core/range.ts';
import { Agenda } from './agenda.ts';
import { Audit } from './audit.ts';
import { contradictsItself } from './contradiction.ts';
import type { Court } from './court.ts';
import type { TransferOptions } from './demand.ts';
import { disagreement, largestGroup } from './dissent.ts';
import { type Place, Places } from './places.ts';
import { equal, Sampler } from './sampler.ts';
import type { Source } from './source.ts';
import { type Sources, sampleSize } from './sources.ts';

/** How long a reference may bring nothing before another takes its place, and how long it may lag behind one that has, in milliseconds. */
const silent = 1_500;
const patience = 60;

interface Volume {
  readonly index: number;
  readonly sources: readonly Source[];
  readonly agenda: Agenda;
  readonly audit: Audit;
  readonly heard: Map<Source, Map<Place, Uint8Array>>;
  readonly heardAt: Map<Source, number>;
  readonly busy: Set<Source>;
  /** When its present reference was chosen, or the transfer began. */
  since: number;
  discarding: boolean;
  /** Its reference gave way to a quicker source: once is enough. */
  replaced: boolean;
}

export class Samples {
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #options: TransferOptions;
  readonly #court: Court;
  readonly #volumes: readonly Volume[];
  readonly #sampler: Sampler;
  readonly #places: Places;
  /** Sources whose changed validator is being asked about. */
  readonly #doubted = new Set<Source>();
  #reviewing = false;

  constructor(sources: Sources, store: Store, options: TransferOptions, court: Court) {
    this.#sources = sources;
    this.#store = store;
    this.#options = options;
    this.#court = court;
    const since = sources.ports.clock.now();
    this.#sampler = new Sampler(sources, (bytes) => court.twice(bytes));
    this.#places = new Places(store, sources.ports.random, () => court.changed());
    this.#volumes = Array.from({ length: sources.layout.count }, (_, index) => ({
      index,
      sources: sources.of(index),
      agenda: new Agenda(index, sources, { options, court, sampler: this.#sampler, places: this.#places }),
      audit: new Audit(index, sources, store, { options, court, sampler: this.#sampler }),
      heard: new Map(),
      heardAt: new Map(),
      busy: new Set(),
      since,
      discarding: false,
      replaced: false,
    }));
  }

  /** Looks at every source whose standing is open and does the next thing for it. */
  review(): void {
    if (this.#reviewing || this.#sampler.closed) return;
    this.#reviewing = true;
    try {
      for (const volume of this.#volumes) this.#reviewVolume(volume);
    } finally {
      this.#reviewing = false;
    }
  }

  /** Keeps what is held at places whose comparison is due. */
  capture(): void {
    this.#places.capture();
  }

  /** Decides what a changed validator of `source` means: held to samples from now on, or left out with `error`. */
  async validatorChanged(source: Source, error: HydrantError): Promise<void> {
    if (this.#doubted.has(source)) return;
    this.#doubted.add(source);
    const extent = this.#extent(source.volume);
    const range = this.#places.held(extent) ?? intersect({ start: extent.start, end: extent.start + sampleSize }, extent);
    source.status = 'resting';
    source.restUntil = Number.POSITIVE_INFINITY;
    const contradictory = range !== undefined && (await contradictsItself(source, range, this.#store, this.#sampler));
    this.#doubted.delete(source);
    if (this.#sampler.closed) return;
    if (contradictory) {
      source.contradictory = true;
      source.status = 'ready';
      const message = 'its ETag changes from answer to answer: held to length and samples';
      this.#sources.ports.observe({ event: 'source', url: source.url, state: 'contradictory', message });
    } else {
      source.leaveOut(error);
      this.#court.dropped(source);
    }
    this.#court.changed();
  }

  /** Whether the sources of what is held were compared as far as they are to be; where they were not, that is begun. */
  settled(): boolean {
    return this.#volumes.every((volume) => !volume.discarding && volume.audit.settled());
  }

  close(): void {
    this.#sampler.close();
  }

  #reviewVolume(volume: Volume): void {
    const extent = this.#sources.layout.extent(volume.index);
    const answered = volume.sources.filter((source) => source.representation !== undefined && source.status !== 'out');
    if (answered.length === 0 || extent === undefined || volume.discarding) return;
    const admitted = answered.filter((source) => source.standing === 'admitted');
    const open = answered.filter((source) => source.standing === 'unknown');
    const unproven = this.#options.unproven === true && this.#places.heldSize(extent) > 0;
    const [first] = [...open].sort((a, b) => Number(a.whole) - Number(b.whole));
    if (admitted.length === 0 && !unproven && first !== undefined) {
      this.#admit(first);
      return;
    }
    this.#replaceSlow(volume, extent, admitted, open);
    if (volume.discarding) return;
    for (const source of open) this.#examine(volume, source);
    if (answered.some((source) => source.standing === 'dissenting')) this.#judge(volume);
    if (admitted.length > 1) volume.audit.review();
  }

  #admit(source: Source): void {
    source.standing = 'admitted';
    this.#court.changed();
  }

  /**
   * A reference that answered and then brings little must not keep the others waiting: where another source has long
   * brought the first sample, that one becomes the reference, and what little there is is dropped.
   */
  #replaceSlow(volume: Volume, extent: Range, admitted: readonly Source[], open: readonly Source[]): void {
    const now = this.#sources.ports.clock.now();
    const [only] = admitted;
    const [place] = volume.agenda.places;
    const held = this.#places.heldSize(extent);
    // Of a volume that brought nothing yet nothing was given out, however much was of the others.
    const given = this.#court.delivered() && volume.sources.some((source) => source.brought.size > 0);
    if (only === undefined || admitted.length > 1 || held > 4 * sampleSize || given) return;
    const lags = !volume.replaced && place?.reference === undefined;
    const quicker = (source: Source): boolean => lags && now - (volume.heardAt.get(source) ?? now) > patience;
    const next = open.find((source) => !source.whole && (quicker(source) || (held === 0 && now - volume.since > silent)));
    if (next === undefined) return;
    volume.replaced = true;
    only.standing = 'unknown';
    this.#court.dropped(only);
    this.#discard(volume, () => this.#admit(next));
  }

  /** Drops what is held of `volume`; no source brings anything until that is `done`. */
  #discard(volume: Volume, done: () => void): void {
    volume.discarding = true;
    volume.since = this.#sources.ports.clock.now();
    volume.agenda.clear();
    for (const source of volume.sources) source.brought.remove(this.#extent(volume.index));
    volume.heard.clear();
    volume.heardAt.clear();
    const held = [...this.#store.held.within(this.#extent(volume.index))];
    Promise.all(held.map((range) => this.#store.discard(range))).then(
      () => {
        volume.discarding = false;
        done();
      },
      (error: unknown) => this.#court.failed(toHydrantError(error, 'STORE_FAILED')),
    );
  }

  #examine(volume: Volume, source: Source): void {
    const now = this.#sources.ports.clock.now();
    if (volume.busy.has(source) || (source.status === 'resting' && now < source.restUntil)) return;
    if (source.whole) {
      // Without ranges it can't be sampled: what it brings is compared with what is held as it passes by.
      if (volume.sources.every((other) => other === source || other.failures >= 3 || other.status === 'out')) this.#admit(source);
      return;
    }
    const places = volume.agenda.choose(now - volume.since);
    const heard = volume.heard.get(source) ?? new Map<Place, Uint8Array>();
    volume.heard.set(source, heard);
    for (const place of places) {
      const bytes = heard.get(place);
      if (bytes === undefined) return void this.#hear(volume, source, place, heard);
      if (place.reference === undefined) return;
      if (!equal(bytes, place.reference)) {
        this.#dissents(volume, source);
        return;
      }
    }
    if (volume.agenda.complete) this.#admit(source);
  }

  async #hear(volume: Volume, source: Source, place: Place, heard: Map<Place, Uint8Array>): Promise<void> {
    volume.busy.add(source);
    const { start, end } = place.range;
    const base = this.#extent(volume.index).start;
    const waiting = this.#sources.openingOf(source);
    const serves = waiting !== undefined && waiting.range.start === start - base && waiting.range.end >= end - base;
    try {
      const sample = await this.#sampler.fetch(source, place.range, { opening: serves ? this.#sources.takeOpening(source) : undefined });
      heard.set(place, sample.bytes);
      if (!volume.heardAt.has(source)) volume.heardAt.set(source, this.#sources.ports.clock.now());
      source.progressed();
    } catch (error) {
      if (this.#sampler.closed) return;
      const fault = toHydrantError(error, 'SOURCE_UNREACHABLE');
      if (fault.code === 'SOURCE_CHANGED') source.leaveOut(fault);
      else source.failed(fault);
    } finally {
      volume.busy.delete(source);
      this.#court.changed();
    }
  }

  #dissents(volume: Volume, source: Source): void {
    if (this.#options.unproven === true && volume.sources.every((other) => other.standing !== 'admitted')) {
      const text = 'what is there from before is not what the source serves now';
      this.#court.failed(new HydrantError('SOURCE_CHANGED', text, { url: source.spec.url }));
      return;
    }
    source.standing = 'dissenting';
    source.error = new HydrantError('SOURCES_DISAGREE', 'it serves other bytes than the other sources', { url: source.spec.url });
    this.#judge(volume);
  }

  #judge(volume: Volume): void {
    const inUse = volume.sources.filter((source) => source.status !== 'out');
    const dissenting = inUse.filter((source) => source.standing === 'dissenting');
    const admitted = inUse.filter((source) => source.standing === 'admitted');
    const group = largestGroup(dissenting, volume.heard);
    const pending = inUse.filter((source) => source.standing === 'unknown' && source.failures === 0 && !source.whole).length;
    const digestKnown = this.#options.digestKnown === true;
    switch (verdict({ supporters: admitted.length, dissenters: group.length, pending, digestKnown })) {
      case 'wait':
        return;
      case 'keep':
        for (const source of dissenting)
          source.leaveOut(source.error ?? new HydrantError('SOURCES_DISAGREE', undefined, { url: source.spec.url }));
        return;
      case 'overturn':
        this.#overturn(volume, admitted, group);
        return;
      case 'undecided':
        this.#court.failed(disagreement(admitted, dissenting));
        return;
    }
  }

  /** The majority is against what is held: that is dropped, with its bringers. */
  #overturn(volume: Volume, admitted: readonly Source[], group: readonly Source[]): void {
    if (this.#court.delivered()) {
      this.#court.failed(disagreement(group, admitted));
      return;
    }
    for (const source of admitted) {
      this.#court.dropped(source);
      const text = `it serves another file than ${group.length} other sources`;
      source.leaveOut(new HydrantError('SOURCES_DISAGREE', text, { url: source.spec.url }));
    }
    const length = group[0]?.representation?.length;
    if (length !== undefined) this.#sources.layout.setLength(volume.index, length);
    this.#discard(volume, () => {
      for (const source of group) {
        source.standing = 'admitted';
        source.error = undefined;
      }
      this.#court.changed();
    });
  }

  #extent(index: number): Range {
    return this.#sources.layout.extent(index) ?? { start: 0, end: 0 };
  }
}
