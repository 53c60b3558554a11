import type { Summary } from '../engine/meter.ts';
import type { Work } from './work.ts';

/** How far a transfer or a reader has come; as the engine shows it. */
export interface Moving {
  readonly progress: {
    readonly bytes: number;
    readonly wanted: number | undefined;
    readonly connections: number;
    readonly rate: number;
  };
}

/** Milliseconds between two looks. */
const interval = 200;

/** Tells of the progress of `moving` five times a second until the returned function is called. */
export const watch = (work: Work, name: string, moving: Moving): (() => void) => {
  let cancel = (): void => {};
  const tick = (): void => {
    const { bytes, wanted, connections, rate } = moving.progress;
    work.tell({ event: 'progress', name, bytes, length: wanted, rate: Math.round(rate), connections });
    cancel = work.shared.clock.after(interval, tick);
  };
  cancel = work.shared.clock.after(interval, tick);
  return () => cancel();
};

/** `summary` in whole milliseconds and bytes per second: nobody measures finer. */
export const rounded = (summary: Summary): Summary => ({
  ...summary,
  elapsed: Math.round(summary.elapsed),
  sources: summary.sources.map((source) => ({ ...source, latency: whole(source.latency), rate: whole(source.rate) })),
});

const whole = (amount: number | undefined): number | undefined => (amount === undefined ? undefined : Math.round(amount));
