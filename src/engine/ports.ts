import type { Clock, Fingerprint, Observer, Random, Transport } from '../core/ports.ts';

/** What the engine is given to work with. */
export interface Ports {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: Observer;
  /** Makes a strong running hash. */
  readonly fingerprint: () => Fingerprint;
}

/** How the engine behaves. Sizes in bytes, times in milliseconds. */
export interface Settings {
  /** Leases at once over all; undefined: as many as pay, up to 16. */
  readonly connections: number | undefined;
  /** Connections to one origin at most. */
  readonly perOrigin: number;
  /** Leases at once to one volume, as long as another volume has use for more; undefined: as many as pay. */
  readonly perVolume?: number;
  /** Upper bound of one ranged request. */
  readonly lease: number | undefined;
  /** A connection without a byte for this long is given up, when there is no other source. */
  readonly stallTimeout: number;
  /** No progress for this long ends a transfer. */
  readonly retryTimeout: number;
  /** Failures in a row, without a byte in between, that end a transfer; undefined: only time does. */
  readonly retries: number | undefined;
}

/** Leases at once where the user does not say. */
export const autoConnections = 16;

/** First number of connections to one of `origins` origins. */
export const startOf = (settings: Settings, origins: number): number => {
  const total = settings.connections ?? autoConnections;
  const fair = Math.max(1, Math.floor(total / Math.max(1, origins)));
  return settings.connections === undefined ? Math.min(4, fair) : Math.max(1, fair);
};
