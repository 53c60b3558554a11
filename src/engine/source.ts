import { HydrantError, redactUrl, toHydrantError } from '../core/errors.ts';
import type { Fields, Response } from '../core/ports.ts';
import type { Range } from '../core/range.ts';
import { RangeSet } from '../core/range-set.ts';
import type { Representation, Validator } from '../core/representation.ts';
import { backoff } from '../core/retry.ts';
import { type Answer, readAnswer } from '../http/answer.ts';
import { rangeField } from '../http/range-field.ts';
import { headersFor, originOf } from '../http/redirect.ts';
import { sameVersion } from '../http/validators.ts';
import type { Origin, Origins } from './origins.ts';
import type { Ports } from './ports.ts';

/** One URL that serves a volume, with the headers that it is asked with. Of equals, the heavier is preferred. */
export interface SourceSpec {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly weight?: number;
}

/** What people are told of a source. Rates in bytes per second, times in milliseconds. */
export interface SourceState {
  /** Redacted. */
  readonly url: string;
  readonly volume: number;
  readonly status: 'probing' | 'ready' | 'resting' | 'out';
  readonly bytes: number;
  readonly errors: number;
  readonly message: string | undefined;
  readonly latency: number | undefined;
  readonly rate: number | undefined;
}

/** Where a source stands in its layout. */
export interface SourcePlace {
  readonly id: number;
  readonly volume: number;
  readonly index: number;
  readonly alone: boolean;
  /** Milliseconds between two tries at most. */
  readonly longestDelay: number;
}

/** An answer with its body still to come. */
export interface Opened {
  readonly response: Response;
  readonly answer: Answer;
}

/** How often in a row ranges may be ignored before a source is taken to have none. */
const ignoredLimit = 3;

/** One source as it has shown itself so far. */
export class Source {
  readonly spec: SourceSpec;
  /** Its number among all sources of the file. */
  readonly id: number;
  readonly volume: number;
  /** Its rank among the sources of its volume. */
  readonly index: number;
  /** The only source of its volume. */
  readonly alone: boolean;
  readonly #ports: Ports;
  readonly #origins: Origins;
  readonly #longestDelay: number;
  #location: string | undefined;
  status: SourceState['status'] = 'probing';
  /** Whether its bytes may be mixed in: alone in its volume, first to bring bytes, or sampled and found to agree. */
  standing: 'unknown' | 'admitted' | 'dissenting' = 'unknown';
  representation: Representation | undefined;
  /** Its validators contradict themselves from answer to answer, so that length and samples are what holds it. */
  contradictory = false;
  /** Its last answer had another validator than the first. */
  doubted = false;
  /** Serves no ranges, or stopped serving them. */
  whole = false;
  latency: number | undefined;
  rate: number | undefined;
  bytes = 0;
  errors = 0;
  failures = 0;
  /** Requests that were answered with bytes, or with how many there are. */
  answers = 0;
  /** Leases that bring bytes from it now. */
  active = 0;
  /** Status and head of its last answer, and when that came, in milliseconds since 1970. */
  last: { readonly status: number; readonly headers: Fields; readonly at: number } | undefined;
  restUntil = 0;
  error: HydrantError | undefined;
  /** What it brought, in file offsets. */
  readonly brought = new RangeSet();
  #ignored = 0;
  #refusals = 0;

  constructor(spec: SourceSpec, place: SourcePlace, ports: Ports, origins: Origins) {
    this.spec = spec;
    this.id = place.id;
    this.volume = place.volume;
    this.index = place.index;
    this.alone = place.alone;
    this.#longestDelay = place.longestDelay;
    this.#ports = ports;
    this.#origins = origins;
  }

  get url(): string {
    return redactUrl(this.spec.url);
  }

  /** The origin that answers: of the redirect's target once one was followed. */
  get origin(): Origin {
    return this.#origins.of(this.#location ?? this.spec.url);
  }

  get state(): SourceState {
    const { url, volume, status, bytes, errors, latency, rate } = this;
    return { url, volume, status, bytes, errors, message: this.error?.message, latency, rate };
  }

  /**
   * Asks for `range` (offsets in the volume) and judges the head of the answer against what is known of the source.
   * Rejects with SOURCE_CHANGED where it is of another version by what is to be heeded, RANGE_IGNORED where it is no data at that offset.
   */
  async open(range: Range, signal: AbortSignal, heed: 'validator' | 'length' = 'validator'): Promise<Opened> {
    const asked = this.#ports.clock.now();
    const response = await this.#ask(range, signal);
    try {
      this.last = { status: response.status, headers: response.headers, at: this.#ports.clock.wall() };
      const answer = readAnswer(response, range, this.#ports.clock.wall());
      this.#compare(answer, heed);
      this.answers++;
      const took = this.#ports.clock.now() - asked;
      this.latency = this.latency === undefined ? took : this.latency * 0.7 + Math.min(took, this.latency * 4) * 0.3;
      if (answer.kind === 'part') this.#ignored = 0;
      return { response, answer };
    } catch (error) {
      response.close();
      throw this.#named(error);
    }
  }

  /** Notes an answer as what this source serves from now on. */
  pin(representation: Representation): void {
    this.representation = representation;
    this.whole = !representation.ranges;
    this.status = 'ready';
  }

  /** Notes bytes that came: whatever failed before is forgotten. */
  progressed(): void {
    this.failures = 0;
    this.#refusals = 0;
    if (this.status === 'resting') this.status = 'ready';
  }

  /** Notes a failure: out for good, or resting for a while that grows. Returns the milliseconds until it may be asked again. */
  failed(error: HydrantError): number {
    const { clock, random, observe } = this.#ports;
    this.error = error;
    this.errors++;
    this.failures++;
    if (error.code === 'RANGE_IGNORED' && ++this.#ignored >= ignoredLimit) this.whole = true;
    const final = error.retry === 'never' && error.code !== 'RANGE_IGNORED';
    // What a source asks for is a lower bound: zero, or a date gone by, must not make a busy loop.
    const delay = Math.max(error.retryAfter ?? 0, backoff(this.failures, this.#longestDelay, random));
    this.status = final ? 'out' : 'resting';
    this.restUntil = clock.now() + delay;
    if (final) observe({ event: 'source', url: this.url, state: 'out', code: error.code, message: error.message });
    else observe({ event: 'retry', url: this.url, code: error.code, message: error.message, delay: Math.round(delay) });
    return delay;
  }

  /** Notes that one connection too many was refused: its origin is asked for fewer. Returns the milliseconds to leave that alone. */
  crowded(error: HydrantError): number {
    this.error = error;
    this.errors++;
    return Math.max(error.retryAfter ?? 0, backoff(Math.min(++this.#refusals, 6), this.#longestDelay, this.#ports.random));
  }

  /** Leaves it out for good, saying why. */
  leaveOut(error: HydrantError): void {
    if (this.status === 'out') return;
    this.error = error;
    this.status = 'out';
    this.#ports.observe({ event: 'source', url: this.url, state: 'out', code: error.code, message: error.message });
  }

  async #ask(range: Range, signal: AbortSignal): Promise<Response> {
    const location = this.#location;
    if (location !== undefined) {
      try {
        const response = await this.#send(location, range, signal);
        if (![401, 403, 404, 410].includes(response.status)) return response;
        response.close();
      } catch (error) {
        if (signal.aborted) throw error;
      }
      // The target of a redirect may be short-lived: what counts is the URL that was given.
      this.#location = undefined;
    }
    const response = await this.#send(this.spec.url, range, signal);
    if (response.status < 400 && response.url !== this.spec.url) this.#location = withUserinfo(response.url, this.spec.url);
    return response;
  }

  async #send(url: string, range: Range, signal: AbortSignal): Promise<Response> {
    const given = headersFor(new URL(url), new URL(this.spec.url), this.spec.headers ?? {});
    // Some servers choke on a Range that they don't serve: one that has none is asked for the whole.
    const headers = this.whole ? given : { ...given, range: rangeField(range) };
    try {
      return await this.#ports.transport.open({ method: 'GET', url, headers }, signal);
    } catch (error) {
      throw this.#named(toHydrantError(error, 'SOURCE_UNREACHABLE'));
    }
  }

  #compare(answer: Answer, heed: 'validator' | 'length'): void {
    const known = this.representation;
    if (known === undefined || answer.kind === 'outside') return;
    const { length, validator } = answer.representation;
    if (known.length !== undefined && length !== undefined && known.length !== length) {
      throw new HydrantError('SOURCE_CHANGED', `the file changed at its source: ${known.length} bytes before, ${length} now`);
    }
    if (heed === 'length' || this.contradictory) return;
    this.doubted = differs(known.validator, validator);
    if (this.doubted) {
      throw new HydrantError('SOURCE_CHANGED', 'the file changed at its source while it was fetched (its validator is another)');
    }
  }

  #named(error: unknown): unknown {
    if (!(error instanceof HydrantError) || error.url !== undefined) return error;
    const { status, retryAfter, retry, cause } = error;
    const facts = {
      url: this.spec.url,
      retry,
      ...(status !== undefined && { status }),
      ...(retryAfter !== undefined && { retryAfter }),
      ...(cause !== undefined && { cause }),
    };
    return new HydrantError(error.code, error.message, facts);
  }
}

/** Whether an answer's validator says, or no longer denies, that the file is another than before. */
const differs = (before: Validator, now: Validator): boolean => {
  const version = sameVersion(before, now);
  if (version !== 'unknown') return version === 'different';
  // A validator that went away, or a weak one that changed, proves nothing any more.
  return (
    (before.etag !== undefined && before.etag !== now.etag) ||
    (before.lastModified !== undefined && before.lastModified !== now.lastModified)
  );
};

/** A redirect that stays at its origin keeps the userinfo of the URL that was given. */
const withUserinfo = (location: string, given: string): string => {
  if (originOf(location) !== originOf(given)) return location;
  const target = new URL(location);
  const { username, password } = new URL(given);
  target.username = username;
  target.password = password;
  return target.href;
};
