import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Cache } from '../../src/cache/cache.ts';
import { HydrantError } from '../../src/core/errors.ts';
import { layered } from '../../src/core/options.ts';
import { transferOptions } from '../../src/core/transfer-options.ts';
import type { RunningTask } from '../../src/server/running-task.ts';
import { RunningTasks } from '../../src/server/running-tasks.ts';
import { defaultSettings } from '../../src/server/settings-schema.ts';
import { StreamRoute } from '../../src/server/stream-route.ts';
import type { TaskConfig } from '../../src/server/task-config.ts';

/** A task's config with what `given` says. */
export const configOf = (given: Partial<TaskConfig> & { readonly volumes: TaskConfig['volumes'] }): TaskConfig => ({
  max_threads: null,
  max_per_volume: 4,
  max_split: 0,
  cache: false,
  headers: {},
  name: null,
  output_filename: null,
  auto_filename: true,
  rate_limit_bps: 0,
  rate_limit_algorithm: 'token_bucket',
  persist: true,
  plugins: [],
  content_disposition: 'auto',
  host_mappings: [],
  ...given,
});

/** The data plane behind a plain server, with tasks that a test puts in. */
export class DataBench {
  readonly running: RunningTasks;
  readonly cache: Cache;
  readonly #folder: string;
  readonly #server: Server;
  readonly #tasks = new Map<string, RunningTask>();

  private constructor(folder: string, cache: Cache, retryTimeout: number) {
    this.#folder = folder;
    this.cache = cache;
    const defaults = layered(transferOptions, { retryTimeout, stallTimeout: 3_000 });
    this.running = new RunningTasks({ cache, settings: defaultSettings, defaults, policy: 'any' });
    const route = new StreamRoute((path) => {
      const id = path.split(/[/?]/)[2] ?? '';
      const task = this.#tasks.get(id);
      if (task === undefined) throw new HydrantError('TASK_UNKNOWN', `task not found: ${id}`);
      return { id, task, paused: false };
    });
    this.#server = createServer((request, response) => route.handle(request, response, request.url ?? ''));
  }

  /** `retryTimeout`: milliseconds for which sources are asked again. */
  static async open(retryTimeout = 4_000): Promise<DataBench> {
    const folder = await mkdtemp(join(tmpdir(), 'hydrant-serve-'));
    const bench = new DataBench(folder, await Cache.open(join(folder, 'cache'), { floor: 0, size: 1e9 }), retryTimeout);
    await new Promise<void>((resolve) => bench.#server.listen(0, '127.0.0.1', resolve));
    return bench;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A task, and the URL of its file. */
  task(id: string, config: TaskConfig): { readonly task: RunningTask; readonly url: string } {
    const task = this.running.task(id, config);
    this.#tasks.set(id, task);
    return { task, url: `http://127.0.0.1:${this.port}/stream/${id}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.running.close();
    await this.cache.close();
    await rm(this.#folder, { recursive: true });
  }
}
