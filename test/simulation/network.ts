/** Sources with rates, latencies, caps and faults, as a Transport over a virtual clock: fluid sharing in small chunks. */
import { HydrantError } from '../../src/core/errors.ts';
import type { Bytes, Chunk, Clock, Random, Request, Response, Transport } from '../../src/core/ports.ts';

export interface Host {
  /** Bytes per second over all connections. */
  readonly rate: number;
  /** Bytes per second of one connection. */
  readonly perConnection?: number;
  /** Milliseconds from request to first byte; a new connection costs as much again. */
  readonly latency: number;
  /** Connections that it takes; more are answered as `beyond` says. */
  readonly maxConnections?: number;
  readonly beyond?: '429' | '503' | 'reset' | 'hang';
  /** Milliseconds of virtual time at which it stops sending for good, or refuses everything. */
  readonly stallsAt?: number;
  readonly diesAt?: number;
  /** Bytes of an answer after which it sends no more. */
  readonly stallsAfter?: number;
  readonly comesBackAt?: number;
  /** Every n-th request runs at a twentieth of its rate. */
  readonly slowEvery?: number;
  /** Its rate is multiplied anew every second by a number between these. */
  readonly swing?: readonly [number, number];
  /** What it serves: hosts with one content serve the same file; the number of its volume where it isn't said. */
  readonly content?: number;
  /** From `from` to `to` it serves bytes of another content (7), from this millisecond of virtual time on. */
  readonly lies?: { readonly from: number; readonly to: number; readonly after?: number };
  /** Which of the volumes it serves; the first where it isn't said. */
  readonly volume?: number;
  /** Serves the whole file whatever is asked. */
  readonly noRanges?: boolean;
}

interface Flow {
  readonly host: HostState;
  readonly slow: boolean;
}

interface HostState {
  readonly spec: Host;
  requests: number;
  refused: number;
  open: number;
  idle: number;
  factor: number;
  sent: number;
  readonly flows: Set<Flow>;
}

const chunkTime = 40;

export class Network implements Transport {
  readonly hosts: readonly HostState[];
  readonly #clock: Clock;
  readonly #sizes: readonly number[];
  readonly #link: number;
  readonly #contents = new Map<number, Uint8Array>();
  sent = 0;

  /** `sizes`: of the volumes, in order. */
  constructor(hosts: readonly Host[], sizes: readonly number[], clock: Clock, random: Random, link = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#sizes = sizes;
    this.#link = link;
    this.hosts = hosts.map((spec) => ({ spec, requests: 0, refused: 0, open: 0, idle: 0, factor: 1, sent: 0, flows: new Set() }));
    const swing = (): void => {
      for (const host of this.hosts)
        if (host.spec.swing !== undefined) host.factor = host.spec.swing[0] + random() * (host.spec.swing[1] - host.spec.swing[0]);
      clock.after(1_000, swing);
    };
    if (hosts.some((host) => host.swing !== undefined)) swing();
  }

  url(index: number): string {
    return `http://host${index}.test/file`;
  }

  async open(request: Request, signal?: AbortSignal): Promise<Response> {
    const host = this.hosts[Number(/host(\d+)/.exec(request.url)?.[1])] as HostState;
    const { spec } = host;
    const count = ++host.requests;
    if (this.#dead(spec)) {
      await this.#wait(spec.latency, signal);
      throw new HydrantError('SOURCE_UNREACHABLE', 'connection refused', { url: request.url });
    }
    const reused = host.idle > 0;
    if (reused) host.idle--;
    host.open++;
    const flow: Flow = { host, slow: spec.slowEvery !== undefined && count % spec.slowEvery === 0 };
    let over = false;
    const end = (reusable: boolean): void => {
      if (over) return;
      over = true;
      host.open--;
      host.flows.delete(flow);
      if (reusable) host.idle++;
    };
    try {
      if (host.open > (spec.maxConnections ?? Number.POSITIVE_INFINITY)) {
        host.refused++;
        if (spec.beyond === 'hang') await this.#wait(Number.MAX_SAFE_INTEGER, signal);
        await this.#wait(spec.latency, signal);
        if (spec.beyond === 'reset') throw new HydrantError('SOURCE_UNREACHABLE', 'connection reset', { url: request.url });
        end(true);
        return answer(request.url, spec.beyond === '503' ? 503 : 429, new Map([['content-length', '0']]), empty(), () => undefined);
      }
      await this.#wait(spec.latency * (reused ? 1 : 2), signal);
    } catch (error) {
      end(false);
      throw error;
    }
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const length = this.#sizes[spec.volume ?? 0] ?? 0;
    const ranged = spec.noRanges !== true && from !== undefined;
    const start = ranged ? Number(from) : 0;
    const stop = ranged && to !== '' ? Math.min(Number(to) + 1, length) : length;
    if (start >= length) {
      end(true);
      return answer(request.url, 416, new Map([['content-range', `bytes */${length}`]]), empty(), () => undefined);
    }
    const fields = new Map([['content-length', String(stop - start)]]);
    if (ranged) fields.set('content-range', `bytes ${start}-${stop - 1}/${length}`);
    host.flows.add(flow);
    return answer(
      request.url,
      ranged ? 206 : 200,
      fields,
      this.#body(flow, start, stop, () => over, end, signal),
      () => end(false),
    );
  }

  async close(): Promise<void> {}

  async *#body(
    flow: Flow,
    start: number,
    stop: number,
    over: () => boolean,
    end: (reusable: boolean) => void,
    signal?: AbortSignal,
  ): Bytes {
    const { spec } = flow.host;
    try {
      for (let at = start; at < stop; ) {
        const sentEnough = at - start >= (spec.stallsAfter ?? Number.POSITIVE_INFINITY);
        const stalled = sentEnough || (spec.stallsAt !== undefined && this.#clock.now() >= spec.stallsAt);
        if (stalled) await this.#wait(Number.MAX_SAFE_INTEGER, signal, over);
        const rate = this.#rate(flow);
        const { lies } = spec;
        const lying = lies !== undefined && at >= lies.from && at < lies.to && this.#clock.now() >= (lies.after ?? 0);
        const edge = [lies?.from, lies?.to].find((one) => one !== undefined && one > at) ?? Number.POSITIVE_INFINITY;
        const size = Math.max(1, Math.min(stop - at, edge - at, 256 * 1024, Math.ceil((rate * chunkTime) / 1000)));
        await this.#wait((size * 1000) / rate, signal, over);
        if (over()) throw new HydrantError('STOPPED');
        if (this.#dead(spec)) throw new HydrantError('SOURCE_TRUNCATED', 'reset');
        this.sent += size;
        flow.host.sent += size;
        at += size;
        if (at >= stop) end(true);
        yield { bytes: this.#bytes(lying ? 7 : (spec.content ?? spec.volume ?? 0), size), release: () => undefined } satisfies Chunk;
      }
    } finally {
      end(false);
    }
  }

  #bytes(content: number, size: number): Uint8Array {
    let bytes = this.#contents.get(content);
    if (bytes === undefined) {
      bytes = new Uint8Array(256 * 1024).fill(content);
      this.#contents.set(content, bytes);
    }
    return bytes.subarray(0, size);
  }

  /** What `flow` gets now; a slow one takes a twentieth of a share and leaves the rest to the others. */
  #rate(flow: Flow): number {
    const shares = (host: HostState): number => [...host.flows].reduce((sum, one) => sum + (one.slow ? 1 / 20 : 1), 0);
    const share = (host: HostState): number =>
      Math.min(host.spec.perConnection ?? Number.POSITIVE_INFINITY, (host.spec.rate * host.factor) / Math.max(1, shares(host)));
    let sum = 0;
    for (const host of this.hosts) sum += share(host) * shares(host);
    return (share(flow.host) * Math.min(1, this.#link / Math.max(1, sum))) / (flow.slow ? 20 : 1);
  }

  #dead(spec: Host): boolean {
    const now = this.#clock.now();
    return spec.diesAt !== undefined && now >= spec.diesAt && now < (spec.comesBackAt ?? Number.POSITIVE_INFINITY);
  }

  #wait(delay: number, signal?: AbortSignal, over: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(new HydrantError('STOPPED'));
      };
      const cancel =
        delay >= Number.MAX_SAFE_INTEGER
          ? () => undefined
          : this.#clock.after(delay, () => {
              signal?.removeEventListener('abort', stop);
              resolve();
            });
      if (signal?.aborted || over()) return stop();
      signal?.addEventListener('abort', stop, { once: true });
    });
  }
}

async function* empty(): Bytes {}

const answer = (url: string, status: number, headers: Map<string, string>, body: Bytes, close: () => void): Response => {
  headers.set('etag', '"one"');
  return { status, headers, url, framing: 'length', body, close };
};
