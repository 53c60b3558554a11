/**
 * What an origin does wrong, as data: a test is a row of faults and what must come of them. Each fault says which
 * requests it strikes; all faults that strike one request act on it together, in the order they are listed.
 */
import type { Range } from '../core/range.ts';
import type { OriginFile } from './origin-file.ts';
import type { Ask } from './request.ts';

/** Which requests a fault strikes: those for which every condition given holds. */
export interface When {
  /** Path without its query. */
  readonly path?: string;
  readonly method?: 'GET' | 'HEAD';
  /** With a Range field, or without one. */
  readonly ranged?: boolean;
  /** Asked for some byte of this range. */
  readonly within?: Range;
  /** While this many other requests are being answered. */
  readonly beyond?: number;
  /** The conditions below choose among the requests that meet those above, counted from 0. Only these: */
  readonly requests?: readonly number[];
  /** Only the first so many. */
  readonly first?: number;
  /** All but the first so many. */
  readonly after?: number;
  /** Each so-many-eth: 8 strikes number 7, 15, 23… */
  readonly every?: number;
  /** Each with this probability, drawn from `seed`. */
  readonly chance?: number;
  readonly seed?: number;
}

/** How long a refused client is told to wait: a number of seconds, a date so many milliseconds from now, or any text. */
export type RetryAfter = { readonly seconds: number } | { readonly date: number } | { readonly text: string };

/** One thing done wrong. Offsets count payload bytes of the one answer; where `after` is absent it happens before the head. */
export type Fault = { readonly when?: When } & (
  | { readonly kind: 'drop'; readonly after?: number }
  | { readonly kind: 'reset'; readonly after?: number }
  /** Nothing is sent for `for` milliseconds, or until the peer leaves. */
  | { readonly kind: 'stall'; readonly after?: number; readonly for?: number }
  /** Bytes per second for this answer. */
  | { readonly kind: 'slow'; readonly rate: number }
  /** The body ends `by` bytes before its framing says, and with it the connection. */
  | { readonly kind: 'short'; readonly by: number }
  /** `by` bytes that nobody announced follow the body. */
  | { readonly kind: 'long'; readonly by: number }
  /** Content-Length names `by` more bytes than there are (fewer, where negative): a lying HEAD, or a body that misses it. */
  | { readonly kind: 'length'; readonly by: number }
  /** A 206 of a range whose ends are moved; labelled as what is sent unless `label` is 'asked'. `total` is added to the total, '*' hides it. */
  | {
      readonly kind: 'range';
      readonly start?: number;
      readonly end?: number;
      readonly label?: 'sent' | 'asked';
      readonly total?: number | '*';
    }
  /** A 206 of the first `size` bytes that were asked for, honestly labelled. */
  | { readonly kind: 'cap'; readonly size: number }
  /** A single range wrapped in multipart/byteranges. */
  | { readonly kind: 'multipart' }
  /** 200 with the whole file, whatever was asked; ranges are still advertised unless `accept` is 'none'. */
  | { readonly kind: 'whole'; readonly accept?: 'bytes' | 'none' }
  /** 416 with the length of the file. */
  | { readonly kind: 'unsatisfiable' }
  /** The file is another one for the requests struck. */
  | { readonly kind: 'change'; readonly to: OriginFile }
  /** A new ETag with every answer. */
  | { readonly kind: 'rotate' }
  /** If-Range is taken for a mismatch always, or never looked at. */
  | { readonly kind: 'if-range'; readonly answer: 'whole' | 'ignored' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: RetryAfter;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
    }
  /** The body is really gzipped, and says so. */
  | { readonly kind: 'gzip' }
  /** How the end of the body is told: 'both' sends Content-Length beside chunked, 'close' answers as HTTP/1.0 does. */
  | { readonly kind: 'framing'; readonly as: 'chunked' | 'close' | 'both' }
  /** `to` is a path here or an absolute URL; `signed` adds a signature that `expire` checks. */
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number; readonly signed?: boolean }
  /** 403 unless the URL carries a signature that has been used fewer than `uses` times and is younger than `for` milliseconds. */
  | { readonly kind: 'expire'; readonly uses?: number; readonly for?: number }
  /** `status` (401 where absent) unless the request has this field with this value. */
  | { readonly kind: 'require'; readonly header: string; readonly value: string; readonly status?: number }
  /** Fields set, or taken out with null. */
  | { readonly kind: 'headers'; readonly set: Readonly<Record<string, string | null>> }
  /** A 103 comes first. */
  | { readonly kind: 'interim' }
  /** So many bytes of padding fields. */
  | { readonly kind: 'huge-head'; readonly size: number }
  /** The head goes out in writes of one byte. */
  | { readonly kind: 'bytewise' }
  /** These bytes instead of any answer; then the connection closes. */
  | { readonly kind: 'raw'; readonly text: string }
);

/** What one kind of fault says. */
export type FaultOf<Kind extends Fault['kind']> = Fault & { readonly kind: Kind };

/** A number in [0, 1) that depends on nothing but its arguments. */
const draw = (seed: number, index: number): number => {
  let state = (Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) | 0;
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
};

const concerns = (when: When, ask: Ask, answering: number): boolean => {
  if (when.path !== undefined && when.path !== ask.path) return false;
  if (when.method !== undefined && when.method !== ask.method) return false;
  if (when.ranged !== undefined && when.ranged !== (ask.range !== undefined)) return false;
  if (when.beyond !== undefined && answering < when.beyond) return false;
  if (when.within === undefined) return true;
  return ask.range !== undefined && ask.range.start < when.within.end && when.within.start < ask.range.end;
};

const chosen = (when: When, index: number): boolean => {
  if (when.requests !== undefined && !when.requests.includes(index)) return false;
  if (when.first !== undefined && index >= when.first) return false;
  if (when.after !== undefined && index < when.after) return false;
  if (when.every !== undefined && index % when.every !== when.every - 1) return false;
  return when.chance === undefined || draw(when.seed ?? 1, index) < when.chance;
};

/** Keeps count of requests per fault. */
export class FaultBook {
  readonly #faults: readonly Fault[];
  readonly #counts: number[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
    this.#counts = faults.map(() => 0);
  }

  /** The faults that strike this request, which is thereby counted; `answering` is how many others are being answered. */
  strike(ask: Ask, answering: number): readonly Fault[] {
    return this.#faults.filter((fault, position) => {
      const when = fault.when ?? {};
      if (!concerns(when, ask, answering)) return false;
      const index = this.#counts[position] ?? 0;
      this.#counts[position] = index + 1;
      return chosen(when, index);
    });
  }
}
