/**
 * What the engine needs from the floors above it, written from its side. Time and randomness are ports too, so that a
 * simulation can drive the very code that runs.
 */
import type { Range } from './range.ts';
import type { RangeSet } from './range-set.ts';

/** Payload in memory, owned by whoever made it until `release` is called, exactly once. */
export interface Chunk {
  readonly bytes: Uint8Array;
  release(): void;
}

/** Chunks of one body in order. Ends only where the body was complete; anything else throws. */
export type Bytes = AsyncIterable<Chunk>;

/** Field lines of a message: lower-case name to value, repeated lines joined by `, ` (RFC 9110 §5.3). */
export type Fields = ReadonlyMap<string, string>;

export interface Request {
  readonly method: 'GET' | 'HEAD';
  /** Absolute http or https URL; userinfo in it is sent as Basic credentials. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the end of a body is known: by length, by chunked coding, or only by the connection's close. */
export type Framing = 'length' | 'chunked' | 'close';

/** The head of an answer with its body still on the wire. Must be closed, or its body read to the end. */
export interface Response {
  readonly status: number;
  readonly headers: Fields;
  /** URL that answered, after redirects. */
  readonly url: string;
  readonly framing: Framing;
  /** Read at most once. Throws SOURCE_TRUNCATED where the connection ends before the body does. */
  readonly body: Bytes;
  /** Milliseconds for which a limit has held bytes back that had come; never shrinks; absent where no limit is. */
  readonly heldBack?: number;
  /** Gives the connection up unless the body was read to its end; safe to call at any time and more than once. */
  close(): void;
}

/** Sends one request upstream. Any status is an answer; rejects with SOURCE_UNREACHABLE, SOURCE_TRUNCATED or STOPPED. */
export interface Transport {
  open(request: Request, signal?: AbortSignal): Promise<Response>;
  close(): Promise<void>;
}

/** Bytes at rest, written in any order. */
export interface Store {
  /** Bytes taken so far, whether they have reached their medium or not. The store's own: never change it. */
  readonly held: RangeSet;
  /**
   * Takes ownership of `chunk`, whose first byte belongs at `offset`, and releases it. Undefined: more may come at
   * once; a promise: the medium is behind, wait for it. Throws, or rejects with, DISK_FULL or STORE_FAILED.
   */
  write(offset: number, chunk: Chunk): Promise<void> | undefined;
  /** A copy of held bytes. Rejects with STORE_FAILED where some of `range` are not held. */
  read(range: Range): Promise<Uint8Array>;
  /** Says how long the whole is, once it is known. Throws, or rejects with, DISK_FULL where that can't fit. */
  resize(length: number): Promise<void>;
  /** Forgets the bytes of `range`, which turned out to be wrong. */
  discard(range: Range): Promise<void>;
  /** Waits until all that was taken is at rest. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A store that holds only a moving window of an ordered stream. */
export interface WindowStore extends Store {
  /** Held bytes from `offset` on, as many as lie together in memory; undefined where that byte is not held. Valid until `advance` passes them. */
  view(offset: number): Uint8Array | undefined;
  /** Says that nothing before `head` will be read again. */
  advance(head: number): void;
  /** Payload bytes in memory now. */
  readonly bytesHeld: number;
  /** The most payload bytes that were ever in memory. */
  readonly peak: number;
}

/** Changes bytes on their way out and keeps their number; any part of a file can be asked for, in any order. */
export interface Filter {
  /** Throws OPTION_INVALID where a file of `length` bytes is longer than the filter can do right. */
  check(length: number): void;
  /** What takes the place of `bytes`, whose first one lies at `offset` of the whole file; `bytes` stays as it is. */
  apply(offset: number, bytes: Uint8Array): Uint8Array;
}

/** A store that several read from, anywhere, while it fills. */
export interface SharedStore extends Store {
  /**
   * Held bytes from `offset` on: `most` of them, or as many as lie together; the byte at `offset` is held. Rejects with
   * STORE_FAILED where they turn out to be lost, and they are then no longer `held`.
   */
  piece(offset: number, most: number): Promise<Chunk> | Chunk;
  /** Says what may still be read: all else may be forgotten, and what of it comes is not taken. */
  keep(ranges: readonly Range[]): void;
}

/** A running strong hash of bytes, to tell whether what comes again is what came before. */
export interface Fingerprint {
  update(bytes: Uint8Array): void;
  /** The value so far; more may follow. */
  value(): string;
}

/** Time, passed in. */
export interface Clock {
  /** Milliseconds from some fixed point, never going back, and going on while the machine sleeps. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC, for dates in messages only. */
  wall(): number;
  /** Calls `act` once after `delay` milliseconds; the returned function calls that off. */
  after(delay: number, act: () => void): () => void;
}

/** A number in [0, 1). */
export type Random = () => number;

/** What happened, for people and machines that watch; observers never steer. */
export interface TransferEvent {
  readonly event: string;
  readonly [fact: string]: unknown;
}

export type Observer = (event: TransferEvent) => void;

/** One value that the server must not forget, plain JSON; undefined: forget it. */
export interface Keeping {
  readonly kind: string;
  readonly key: string;
  readonly value: unknown;
}

/** What the server must not forget: values under a kind and a key. */
export interface TaskStore {
  /** What is kept of `kind`, in the order in which the keys came. The store's own: never change it. */
  kept(kind: string): ReadonlyMap<string, unknown>;
  /**
   * Keeps all of `changes` or none; when it resolves they are safe from a kill and a power cut, and `kept` has them. In
   * the order of calls. Rejects with DISK_FULL or STORE_FAILED, and then `kept` is as it was.
   */
  commit(changes: readonly Keeping[]): Promise<void>;
  /** Waits for what was asked for; every later change is refused with STORE_FAILED. */
  close(): Promise<void>;
}
