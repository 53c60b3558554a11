/**
 * What a task is, in the names of the wire and of the state file, which are the ancestor's. Sizes in bytes, rates in
 * bytes per second.
 */
export interface TaskConfig {
  /** Consecutive parts, each with the URLs of its mirrors. */
  readonly volumes: readonly (readonly string[])[];
  /** Connections at once at most, 1 to 128; null: as many as pay. */
  readonly max_threads: number | null;
  /** Connections at once to one volume, 1 to 128. */
  readonly max_per_volume: number;
  /** Upper bound of one upstream request; 0: none. */
  readonly max_split: number;
  readonly cache: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly name: string | null;
  readonly output_filename: string | null;
  readonly auto_filename: boolean;
  /** 0: none. */
  readonly rate_limit_bps: number;
  readonly rate_limit_algorithm: LimitAlgorithm;
  readonly persist: boolean;
  readonly plugins: readonly PluginUse[];
  readonly content_disposition: DispositionMode;
  readonly host_mappings: readonly HostMapping[];
}

export type LimitAlgorithm = 'token_bucket' | 'sliding_window';

export type DispositionMode = 'auto' | 'inline' | 'attachment';

/** A filter that a task uses; `config` is the filter's own. */
export interface PluginUse {
  readonly id: string;
  readonly enabled: boolean;
  readonly config: unknown;
}

/** Connect to `to` where a URL says `from`. */
export interface HostMapping {
  readonly from: string;
  readonly to: string;
  readonly enabled: boolean;
}

/** What holds for all tasks. */
export interface ServerSettings {
  /** 0: none. */
  readonly global_rate_limit_bps: number;
  readonly global_rate_limit_algorithm: LimitAlgorithm;
  /** By plugin id. */
  readonly plugin_globals: Readonly<Record<string, unknown>>;
  /** Read and written for the ancestor's clients; nothing uses it. */
  readonly download_dir: string | null;
  readonly host_mappings: readonly HostMapping[];
  /** `tls://IP[:port]` for names that mappings lead to; null: the system's resolver. */
  readonly dns: string | null;
}
