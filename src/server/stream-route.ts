/*
 * Files for clients: `/stream/ID`, `/s/LINK` and `/fetch`. What is answered is decided before the first byte, and the head
 * goes out with it: until then a failure is an answer of its own, afterwards a broken connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Filter } from '../core/ports.ts';
import { type Range, sizeOf } from '../core/range.ts';
import { buildFilters } from '../filter/catalogue.ts';
import type { CacheUse } from '../http/cache-status.ts';
import { problemOf, statusProblem } from '../http/problem.ts';
import type { Line } from '../transport/line.ts';
import { answerProblem } from './plain-answer.ts';
import { Reply } from './reply.ts';
import type { DataPlane } from './router.ts';
import type { RunningTask } from './running-task.ts';
import type { ServedFile } from './served-file.ts';
import { likelyStart, type StreamHead, type StreamRequest, streamHead } from './stream-head.ts';

/** A task as it is to be served to one client. */
export interface Serving {
  readonly id: string;
  readonly task: RunningTask;
  readonly paused: boolean;
  /** Bytes that the client may have in all; undefined: no bound. */
  readonly most?: number | undefined;
  /** A limit beside that of the task. */
  readonly line?: Line | undefined;
  /** Is told how many bytes are about to be sent, and, as less than none, how many of these were not. */
  readonly spend?: (bytes: number) => void;
}

/** Finds what is behind a path. Throws TASK_UNKNOWN, UNAUTHORIZED or OPTION_INVALID. */
export type FindServing = (path: string) => Serving | Promise<Serving>;

export class StreamRoute implements DataPlane {
  readonly #find: FindServing;
  readonly #now: () => number;

  constructor(find: FindServing, now: () => number = Date.now) {
    this.#find = find;
    this.#now = now;
  }

  handle(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      answerProblem(response, statusProblem(405, 'files are read by GET and HEAD'));
      return;
    }
    const fields = { method, headers: { get: (name: string) => fieldOf(request, name) } } as const;
    void this.#answer(fields, response, path);
  }

  async #answer(request: StreamRequest, response: ServerResponse, path: string): Promise<void> {
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    try {
      await this.#serve(request, response, await this.#find(path), leaving.signal);
    } catch (error) {
      const failure = toHydrantError(error, 'STORE_FAILED');
      if (response.headersSent) new Reply(response).break();
      else if (!leaving.signal.aborted) {
        const later = retryAfter(failure);
        if (later !== undefined) response.setHeader('retry-after', later);
        answerProblem(response, problemOf(failure));
      }
    }
  }

  async #serve(request: StreamRequest, response: ServerResponse, serving: Serving, signal: AbortSignal): Promise<void> {
    if (serving.paused) throw new HydrantError('TASK_PAUSED', `task ${serving.id} is paused`);
    const { task } = serving;
    const { config } = task;
    const began = this.#now();
    const filter = buildFilters(config.plugins);
    const file = await task.file(likelyStart(request.headers.get('range')));
    if (filter !== undefined && file.facts.length !== undefined) filter.check(file.facts.length);
    const first = streamHead(request, { id: serving.id, config, facts: file.facts, use: { kind: 'miss' } }, this.#now());
    const head = streamHead(
      request,
      { id: serving.id, config, facts: file.facts, use: useOf(file, first.ranges, config.cache) },
      this.#now(),
    );
    const most = head.ranges.reduce((sum, range) => sum + sizeOf(range), 0);
    if (serving.most !== undefined && most > serving.most)
      throw new HydrantError('UNAUTHORIZED', 'the link does not allow so many bytes any more');
    const timing = (): string => `open;dur=${this.#now() - began}`;
    if (head.status === 412 || head.status === 416) {
      for (const [name, value] of Object.entries(head.headers)) response.setHeader(name, value);
      answerProblem(response, head.status === 412 ? statusProblem(412, 'the file is not the one that was asked for') : outside);
      return;
    }
    if (request.method === 'HEAD' || head.ranges.length === 0 || most === 0) {
      response.writeHead(head.status, { ...head.headers, 'server-timing': timing() });
      response.end();
      return;
    }
    const stored = head.ranges.reduce((sum, range) => sum + file.stored(range).size, 0);
    if (file.entry !== undefined && Number.isFinite(most)) task.count(stored, most);
    task.activeConnections++;
    try {
      await this.#send({ file, task, head, filter, serving }, response, signal, timing);
    } finally {
      task.activeConnections--;
    }
  }

  async #send(
    { file, task, head, filter, serving }: Sending,
    response: ServerResponse,
    signal: AbortSignal,
    timing: () => string,
  ): Promise<void> {
    const bodies = head.ranges.map((range) => ({ range, chunks: task.stream(file, range, signal, serving.line) }));
    const reply = new Reply(response);
    let begun = false;
    const due = head.ranges.reduce((sum, range) => sum + sizeOf(range), 0);
    // Where the length is unknown nothing is counted: links that count don't lead there.
    let unsent = Number.isFinite(due) ? due : 0;
    serving.spend?.(unsent);
    try {
      for (const [index, { range, chunks }] of bodies.entries()) {
        let offset = range.start;
        for await (const chunk of chunks) {
          if (!begun) response.writeHead(head.status, { ...head.headers, 'server-timing': timing() });
          if (offset === range.start && head.multipart !== undefined) await reply.text(head.multipart.parts[index]?.head ?? '');
          begun = true;
          const bytes = filter === undefined ? chunk.bytes : filter.apply(offset, chunk.bytes);
          offset += chunk.bytes.length;
          if (Number.isFinite(due)) unsent -= bytes.length;
          await reply.write(chunk, bytes);
        }
        if (range.end !== Number.POSITIVE_INFINITY && offset !== range.end) throw new HydrantError('SOURCE_TRUNCATED');
      }
      if (!begun) response.writeHead(head.status, { ...head.headers, 'server-timing': timing() });
      if (head.multipart !== undefined) await reply.text(head.multipart.tail);
      await reply.end();
    } finally {
      serving.spend?.(-unsent);
      for (const { chunks } of bodies) await chunks.return();
    }
  }
}

interface Sending {
  readonly file: ServedFile;
  readonly task: RunningTask;
  readonly head: StreamHead;
  readonly filter: Filter | undefined;
  readonly serving: Serving;
}

const outside = problemOf(new HydrantError('RANGE_UNSATISFIABLE'));

/** Repeated lines of one field are one value (RFC 9110 §5.3). */
const fieldOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** Seconds after which to ask again, where that may help. */
const retryAfter = (error: HydrantError): number | undefined => {
  if (error.retryAfter !== undefined) return Math.ceil(error.retryAfter / 1000);
  return error.code === 'TASK_PAUSED' || error.code === 'SOURCE_BUSY' ? 5 : undefined;
};

const useOf = (file: ServedFile, ranges: readonly Range[], cached: boolean): CacheUse => {
  const ttl = file.facts.validatedAt + file.facts.lifetime - Date.now();
  const wanted = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  const stored = ranges.reduce((sum, range) => sum + file.stored(range).size, 0);
  const collapsed = (file.feed?.readers ?? 0) > 0;
  if (file.entry === undefined) return { kind: cached ? 'miss' : 'bypass', collapsed, ...(cached && { detail: 'not-storable' }) };
  if (stored === wanted) return { kind: 'hit', ttl: file.standing === 'stale' ? Math.min(ttl, -1000) : ttl };
  if (file.standing === 'stale') return { kind: 'stale', collapsed };
  return { kind: stored > 0 ? 'partial' : 'miss', stored: true, collapsed };
};
