import type { Observer } from '../core/ports.ts';
import type { Settings } from '../engine/ports.ts';
import type { LayoutSpec } from '../engine/sources.ts';
import type { Line } from '../transport/line.ts';
import { effectiveMappings } from './host-mappings.ts';
import type { Plant } from './plant.ts';
import type { TaskConfig } from './task-config.ts';
import type { Way } from './upstream.ts';

/** What a task asks for, in the words of the engine. */
export interface Plan {
  readonly layout: LayoutSpec;
  readonly settings: Settings;
  /** Given back when the plan is done with. */
  readonly way: Way;
  /** Of the cache; undefined where nothing is to be kept. */
  readonly key: string | undefined;
  readonly observe: Observer;
}

/** The plan of `config`, whose requests keep within `line`. */
export const planOf = (
  config: TaskConfig,
  { defaults, upstream, settings }: Plant,
  { key, line, observe }: { readonly key: string | undefined; readonly line: Line; readonly observe: Observer },
): Plan => {
  const { volumes, headers, max_threads, max_per_volume, max_split, host_mappings } = config;
  const { host_mappings: global, dns } = settings();
  return {
    layout: volumes.map((mirrors) => mirrors.map((url) => ({ url, headers }))),
    settings: {
      ...defaults,
      connections: Math.min(128, max_threads ?? max_per_volume * volumes.length),
      perVolume: max_per_volume,
      lease: max_split === 0 ? defaults.lease : max_split,
    },
    way: upstream.way(effectiveMappings(global, host_mappings), dns, line),
    key,
    observe,
  };
};
