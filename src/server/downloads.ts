/*
 * Files brought to the server's own disk, below one folder, a few at once: the highest priority first, then the oldest.
 * The list is kept; what ran when the server ended goes on from its partial file.
 */
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

import type { Client } from '../client/client.ts';
import type { ClientEvent, ClientObserver } from '../client/events.ts';
import type { FileSpec } from '../client/file-spec.ts';
import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Clock, TaskStore } from '../core/ports.ts';
import { type MadeDirectory, makeBelow, realRoot } from '../filter/confined.ts';
import type { DownloadInfo } from './api-types.ts';
import { type DownloadRecord, readDownload } from './download-record.ts';
import { reasonOf } from './reason-of.ts';
import { newId } from './task-id.ts';
import { verifyFile } from './verify-file.ts';

export interface DownloadsOptions {
  readonly store: TaskStore;
  /** Makes the client that all downloads share. */
  readonly client: (observe: ClientObserver) => Client;
  readonly root: string;
  readonly clock: Pick<Clock, 'wall'>;
  /** How many run at once; 3 unless told otherwise. */
  readonly jobs?: number;
  readonly note?: (message: string) => void;
  /** Calls with the id of every download that changed. */
  readonly changed?: (id: string) => void;
}

/** What is asked for. */
export type DownloadWish = Pick<DownloadRecord, 'volumes' | 'headers' | 'out' | 'checksum' | 'priority'>;

interface Job {
  record: DownloadRecord;
  rate: number;
  running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
}

/** The most downloads that are kept. */
const most = 10_000;

export class Downloads {
  readonly #options: Required<DownloadsOptions>;
  readonly #client: Client;
  readonly #jobs = new Map<string, Job>();
  /** Downloads by the number that the client gave them; the one that is just being begun has none yet. */
  readonly #numbered = new Map<number, Job>();
  #beginning: Job | undefined;
  #closed = false;

  constructor({ jobs = 3, note = () => undefined, changed = () => undefined, ...ports }: DownloadsOptions) {
    this.#options = { ...ports, root: resolve(ports.root), jobs, note, changed };
    this.#client = ports.client((event) => this.#observe(event));
    for (const [id, value] of ports.store.kept('download')) {
      try {
        this.#jobs.set(id, { record: readDownload(value), rate: 0, running: undefined });
      } catch (error) {
        if (!(error instanceof HydrantError)) throw error;
        note(`the download ${id} is left out, and stays in the state file: ${error.message}`);
      }
    }
    this.#begin();
  }

  list(): readonly DownloadInfo[] {
    return [...this.#jobs.values()].map(infoOf);
  }

  /** Throws TASK_UNKNOWN. */
  get(id: string): DownloadInfo {
    return infoOf(this.#job(id));
  }

  find(id: string): DownloadInfo | undefined {
    const job = this.#jobs.get(id);
    return job && infoOf(job);
  }

  async add(wish: DownloadWish): Promise<DownloadInfo> {
    if (this.#jobs.size >= most) throw new HydrantError('OPTION_INVALID', `there are ${most} downloads already`);
    let id = newId(false);
    while (this.#jobs.has(id) || this.#options.store.kept('download').has(id)) id = newId(false);
    const fresh = { path: null, total_bytes: null, done_bytes: 0, verified: null, error: null };
    const created = Math.floor(this.#options.clock.wall() / 1000);
    const job: Job = { record: { ...wish, ...fresh, id, state: 'queued', created_at: created }, rate: 0, running: undefined };
    await this.#keep(job.record);
    this.#jobs.set(id, job);
    this.#options.changed(id);
    this.#begin();
    return infoOf(job);
  }

  /** Stops one that runs or waits; what came stays. */
  async pause(id: string): Promise<DownloadInfo> {
    const job = this.#job(id);
    if (job.record.state !== 'queued' && job.record.state !== 'running') return infoOf(job);
    await this.#change(job, { state: 'paused' });
    await this.#stop(job);
    return infoOf(job);
  }

  /** Lets one that was paused, or has failed, wait for its turn. */
  async resume(id: string): Promise<DownloadInfo> {
    const job = this.#job(id);
    if (job.record.state !== 'paused' && job.record.state !== 'failed') return infoOf(job);
    await job.running?.ended;
    await this.#change(job, { state: 'queued', error: null });
    this.#begin();
    return infoOf(job);
  }

  /** A higher one goes first; what runs is not stopped for it. */
  async prioritise(id: string, priority: number): Promise<DownloadInfo> {
    const job = this.#job(id);
    await this.#change(job, { priority });
    return infoOf(job);
  }

  /** Reads the finished file and holds it against its digest, or its length where it has none. Resolves once that has begun. */
  async verify(id: string): Promise<DownloadInfo> {
    const job = this.#job(id);
    const { state, path } = job.record;
    if (state === 'verifying') return infoOf(job);
    if (path === null || (state !== 'done' && state !== 'failed')) {
      throw new HydrantError('OPTION_INVALID', `download ${id} is ${state}: only a finished one can be verified`);
    }
    await this.#change(job, { state: 'verifying', error: null });
    this.#run(job, async (signal) => {
      const folder = await this.#folderOf(path);
      const verified = await verifyFile(join(folder.path, basename(path)), job.record, signal);
      return { state: 'done', verified };
    });
    return infoOf(job);
  }

  /** Forgets a download, stopped at once; `files`: with what came of it. */
  async remove(id: string, { files = false } = {}): Promise<void> {
    const job = this.#job(id);
    await this.#options.store.commit([{ kind: 'download', key: id, value: undefined }]);
    this.#jobs.delete(id);
    this.#options.changed(id);
    await this.#stop(job);
    const { path } = job.record;
    if (!files || path === null) return;
    const folder = await this.#folderOf(path);
    const full = join(folder.path, basename(path));
    for (const file of [full, `${full}.part`, `${full}.part.json`]) await rm(file, { force: true });
    await folder.undo();
  }

  /** Stops all; those that ran go on at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#jobs.values()].map((job) => this.#stop(job)));
    await this.#client.close();
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new HydrantError('TASK_UNKNOWN', `download not found: ${JSON.stringify(id.slice(0, 64))}`);
    return job;
  }

  #begin(): void {
    const busy = [...this.#jobs.values()].filter(({ running }) => running !== undefined).length;
    if (this.#closed || busy >= this.#options.jobs) return;
    const waiting = [...this.#jobs.values()].filter(({ record, running }) => record.state === 'queued' && running === undefined);
    const job = waiting.reduce<Job | undefined>(
      (best, other) => (best && best.record.priority >= other.record.priority ? best : other),
      undefined,
    );
    if (job === undefined) return;
    job.record = { ...job.record, state: 'running' };
    this.#run(job, (signal) => this.#fetch(job, signal));
    this.#begin();
  }

  async #fetch(job: Job, signal: AbortSignal): Promise<Partial<DownloadRecord>> {
    const { volumes, headers, out, checksum } = job.record;
    if (out !== null) await this.#folderOf(out);
    const file: FileSpec = {
      volumes: volumes.map((mirrors) => mirrors.map((url) => ({ url }))),
      headers,
      ...(out !== null && { out }),
      ...(checksum !== null && { checksum }),
    };
    const run = this.#client.run(true);
    try {
      // The client says a file's number before the call returns.
      this.#beginning = job;
      const result = run.download(file, { output: `${this.#options.root}${sep}` }, signal);
      this.#beginning = undefined;
      const { path, bytes, verified } = await result;
      return { state: 'done', path: this.#below(path), total_bytes: bytes, done_bytes: bytes, verified };
    } finally {
      this.#beginning = undefined;
      run.end();
    }
  }

  /** Does `work` for `job`, whose record then has what came of it. */
  #run(job: Job, work: (signal: AbortSignal) => Promise<Partial<DownloadRecord>>): void {
    const stop = new AbortController();
    const ended = (async () => {
      let change: Partial<DownloadRecord>;
      try {
        change = await work(stop.signal);
      } catch (error) {
        const failure = toHydrantError(error, 'STORE_FAILED');
        change = stop.signal.aborted ? {} : { state: 'failed', error: failure.message };
      }
      job.rate = 0;
      job.running = undefined;
      for (const [number, other] of this.#numbered) if (other === job) this.#numbered.delete(number);
      if (this.#jobs.has(job.record.id) && !this.#closed) {
        await this.#change(job, change).catch((error: unknown) => this.#options.note(`download ${job.record.id}: ${reasonOf(error)}`));
      }
      this.#begin();
    })();
    job.running = { stop, ended };
    this.#options.changed(job.record.id);
  }

  async #stop({ running }: Job): Promise<void> {
    running?.stop.abort(new HydrantError('STOPPED'));
    await running?.ended;
  }

  async #change(job: Job, change: Partial<DownloadRecord>): Promise<void> {
    const next = { ...job.record, ...change };
    await this.#keep(next);
    job.record = { ...job.record, ...change };
    this.#options.changed(next.id);
  }

  async #keep(record: DownloadRecord): Promise<void> {
    await this.#options.store.commit([{ kind: 'download', key: record.id, value: record }]);
  }

  #observe(event: ClientEvent): void {
    if (event.event === 'start' && this.#beginning !== undefined) this.#numbered.set(event.file, this.#beginning);
    const job = this.#numbered.get(event.file);
    if (job === undefined || event.event !== 'progress') return;
    job.rate = event.rate;
    const path = this.#below(join(this.#options.root, dirname(job.record.out ?? ''), event.name));
    job.record = { ...job.record, done_bytes: event.bytes, total_bytes: event.length ?? null, path };
  }

  /** The folder that the file at `path` is in, wherever links lead. Rejects with OPTION_INVALID where that is not below ours. */
  async #folderOf(path: string): Promise<MadeDirectory> {
    return makeBelow(await realRoot(this.#options.root), dirname(path), 'the folder');
  }

  #below(path: string): string {
    return relative(this.#options.root, resolve(path));
  }
}

const infoOf = ({ record, rate }: Job): DownloadInfo => {
  const { headers: _, out: __, ...shown } = record;
  return { ...shown, current_speed_bps: Math.round(rate) };
};
