import { HydrantError } from '../core/errors.ts';
import { checkHeader } from '../http/headers.ts';
import type { TaskConfig } from './task-config.ts';
import { parseTask } from './task-schema.ts';

type Row = Readonly<Record<string, unknown>>;

/** A task at rest. Instants in seconds since 1970. */
export interface TaskRecord {
  readonly id: string;
  readonly config: TaskConfig;
  readonly createdAt: number;
  /** When it was last edited. */
  readonly updatedAt: number;
  readonly paused: boolean;
  /** What somebody else keeps with it, beside ours and in its config. */
  readonly others: { readonly row: Row; readonly config: Row };
}

/** Nothing of anybody else's. */
export const noOthers: TaskRecord['others'] = { row: {}, config: {} };

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

const fields = new Set(
  (
    'volumes urls url uris uri max_threads max_per_volume max_split cache headers name output_filename auto_filename rate_limit_bps ' +
    'rate_limit_algorithm persist plugins content_disposition host_mappings'
  ).split(' '),
);

/** `row` in two: what is said with the names of `own`, and the rest. Fields that are null say nothing. */
const parted = (row: Row, own: ReadonlySet<string>): readonly [Row, Row] => {
  const entries = Object.entries(row);
  const mine = entries.filter(([name, value]) => own.has(name) && value !== null);
  return [Object.fromEntries(mine), Object.fromEntries(entries.filter(([name]) => !own.has(name)))];
};

const sendable = ([name, value]: [string, unknown]): boolean => {
  try {
    checkHeader({ name, value: String(value) });
    return true;
  } catch {
    return false;
  }
};

/** Earlier programs took splits and headers that no request could be made with, and did with them what is done here. */
const mended = (config: Row): Row => {
  const split = config.max_split;
  const headers = isRow(config.headers) ? Object.fromEntries(Object.entries(config.headers).filter(sendable)) : undefined;
  return {
    ...config,
    ...(typeof split === 'number' && split > 0 && split < 65_536 && { max_split: 65_536 }),
    ...(headers !== undefined && { headers }),
  };
};

const own = new Set(['id', 'config', 'created_at', 'updated_at', 'paused']);
const instant = (value: unknown, floor: number): number => (Number.isSafeInteger(value) ? Math.max(floor, value as number) : floor);

/** The task that is kept as `value`. Throws OPTION_INVALID where it can be none. */
export const readRecord = (id: string, value: unknown): TaskRecord => {
  if (!isRow(value) || !isRow(value.config)) throw new HydrantError('OPTION_INVALID', 'it has no config');
  const [mine, rest] = parted(value, own);
  const [config, configRest] = parted(value.config, fields);
  const createdAt = instant(mine.created_at, 1);
  return {
    id,
    config: parseTask(mended(config)).config,
    createdAt,
    updatedAt: instant(mine.updated_at, createdAt),
    paused: mine.paused === true,
    others: { row: rest, config: configRest },
  };
};

/** What is kept of a task: what the ancestor could read, so a cap that nobody set is left out. */
export const recordValue = ({ id, config, createdAt, updatedAt, paused, others }: TaskRecord): Row => {
  const { max_threads: threads, ...rest } = config;
  return {
    ...others.row,
    id,
    config: { ...others.config, ...rest, ...(threads !== null && { max_threads: threads }) },
    created_at: createdAt,
    updated_at: updatedAt,
    paused,
  };
};
