import { HydrantError } from '../../src/core/errors.ts';
import { checkFilters } from '../../src/filter/catalogue.ts';
import { mappingFor } from '../../src/server/host-mappings.ts';
import type { FillState, HostFacts, Live, LiveEvent, LiveTask, ProbeFacts, SourceHealth, TaskEvent } from '../../src/server/live.ts';
import type { HostMapping, ServerSettings, TaskConfig } from '../../src/server/task-config.ts';

const healthOf = ({ volumes }: TaskConfig): SourceHealth[] =>
  volumes.flatMap((mirrors, volume) =>
    mirrors.map((url) => ({
      url,
      volume,
      status: 'ready' as const,
      lastStatus: null,
      lastError: null,
      latency: null,
      bytes: 0,
      succeeded: 0,
      failed: 0,
      rate: 0,
      lastUsedAt: null,
      inFlight: 0,
      volumeLength: null,
    })),
  );

/** A running side that runs nothing: tests say what it does. Hosts of `.invalid` cannot be reached. */
export class FakeTask implements LiveTask {
  config: TaskConfig;
  bytesServed = 0;
  activeConnections = 0;
  rate = 0;
  samples: readonly number[] = [];
  cache = null;
  fill: FillState | null = null;
  log: TaskEvent[] = [];
  trouble = false;
  updates = 0;
  closed: boolean | undefined;
  cleared = 0;

  constructor(config: TaskConfig) {
    this.config = config;
  }

  get health(): readonly SourceHealth[] {
    return healthOf(this.config);
  }

  async update(config: TaskConfig): Promise<void> {
    this.config = config;
    this.updates++;
  }

  async startFill(): Promise<void> {
    const url = this.config.volumes[0]?.[0] ?? '';
    if (new URL(url).hostname.endsWith('.invalid')) throw new HydrantError('SOURCE_UNREACHABLE', `${url} cannot be reached`);
    this.#fill('running');
  }

  pauseFill(): void {
    if (this.fill === null) throw new HydrantError('TASK_UNKNOWN', 'there is no fill');
    this.#fill('paused');
  }

  #fill(state: FillState['state']): void {
    this.fill = { state, error: null, total: 100, done: 10, rate: 5, samples: [5], connections: 4, readers: 0 };
  }

  async clearCache(): Promise<number> {
    this.cleared++;
    this.fill = null;
    return 10;
  }

  async close(cut: boolean): Promise<void> {
    this.closed = cut;
  }
}

export class FakeLive implements Live {
  readonly tasks = new Map<string, FakeTask>();
  readonly #watchers = new Set<(event: LiveEvent) => void>();
  rate = 0;
  samples: readonly number[] = [];
  fillRate = 0;
  activeConnections = 0;
  bytesServed = 0;
  fetchRate = 0;
  cacheBytes = 4096;
  cacheLimit = 8192;
  cacheHits = 3;
  cacheMisses = 1;
  applied: ServerSettings | undefined;

  task(id: string, config: TaskConfig): FakeTask {
    const task = this.tasks.get(id) ?? new FakeTask(config);
    this.tasks.set(id, task);
    return task;
  }

  check({ plugins }: TaskConfig): void {
    checkFilters(plugins);
  }

  apply(settings: ServerSettings): void {
    this.applied = settings;
  }

  async probe({ volumes }: Pick<TaskConfig, 'volumes'>): Promise<ProbeFacts> {
    const nothing = { length: null, type: null, ranges: false, name: null, suggestedName: null };
    const [[url = ''] = []] = volumes;
    if (url.includes('.invalid')) return { ...nothing, error: 'the source cannot be reached' };
    return { length: 100, type: 'video/mp4', ranges: true, name: 'f.mp4', suggestedName: 'f.mp4', error: null };
  }

  async resolve(host: string, rules: readonly HostMapping[], dns: string | null): Promise<HostFacts> {
    const rule = mappingFor(host, rules);
    return {
      mappedTo: rule?.to ?? null,
      addresses: ['127.0.0.1'],
      error: null,
      resolver: rule === undefined ? 'system' : (dns ?? 'system'),
    };
  }

  async clearCache(): Promise<number> {
    const freed = this.cacheBytes;
    this.cacheBytes = 0;
    return freed;
  }

  watch(seen: (event: LiveEvent) => void): () => void {
    this.#watchers.add(seen);
    return () => this.#watchers.delete(seen);
  }

  tell(event: LiveEvent): void {
    for (const seen of this.#watchers) seen(event);
  }

  async close(): Promise<void> {}
}
