import type { Cache } from '../cache/cache.ts';
import type { Clock } from '../core/ports.ts';
import type { TransferOptions } from '../core/transfer-options.ts';
import type { Origins } from '../engine/origins.ts';
import type { BufferPool } from '../store/buffer-pool.ts';
import type { Line } from '../transport/line.ts';
import type { LiveEvent } from './live.ts';
import type { RateRing } from './rate-ring.ts';
import type { ServerSettings } from './task-config.ts';
import type { Upstream } from './upstream.ts';

/** What all running tasks share. */
export interface Plant {
  readonly defaults: TransferOptions;
  readonly clock: Clock;
  readonly origins: Origins;
  readonly upstream: Upstream;
  readonly cache: Cache;
  /** The limit over all that is sent, and what was. */
  readonly downstream: Line;
  readonly served: RateRing;
  /** Cells of files that are streamed without a cache. */
  readonly cells: BufferPool;
  /** Bytes that one such file may hold now. */
  readonly share: () => number;
  /** Settings as they are now. */
  readonly settings: () => ServerSettings;
  /** Has `task` ticked once a second, until it says that nothing happens. */
  readonly active: (task: Ticking) => void;
  /** Whether another task than `but` has its file under `key`. */
  readonly shared: (key: string, but: Ticking) => boolean;
  /** Says that the task `id` is over. */
  readonly gone: (id: string) => void;
  readonly tell: (event: LiveEvent) => void;
}

/** Something whose seconds are counted. */
export interface Ticking {
  /** Ends a second; false where the next need not be counted. */
  tick(): boolean;
}
