/*
 * The text of the state file: the ancestor's tasks.json (`settings`, `tasks`, `downloads`) and, beside these keys, ours. The
 * ancestor skips what it does not know, so each of the two programs can go on where the other ended. Keys that neither
 * knows stay where they were. One task per line, so that two states can be compared by eye.
 */
import { type Kept, keep, keptOf } from './kept.ts';

/** Version of the text; a newer one is not read. */
export const stateVersion = 1;

/** A state that was read. `notes` says what in it was of no use. */
export interface ReadState {
  readonly kept: Kept;
  /** Absent where the ancestor wrote it. */
  readonly version: number | undefined;
  /** The log whose changes come on top, and the one whose changes are in here. */
  readonly log: string | undefined;
  readonly logBefore: string | undefined;
  readonly notes: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Lists of the file: the kind of what they hold, and the key that names it. */
const lists = { tasks: ['task', 'id'], downloads: ['fill', 'task_id'], file_downloads: ['download', 'id'] } as const;
const known = new Set(['version', 'log', 'log_before', 'settings', 'keys', ...Object.keys(lists)]);

/** What `text` says; undefined where it is no state at all. */
export const readState = (text: string): ReadState | undefined => {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRow(state)) return undefined;
  const kept: Kept = new Map();
  const put = (kind: string, key: string, value: unknown): void => keep(kept, [{ kind, key, value }]);
  const notes: string[] = [];
  if (isRow(state.settings)) put('settings', '', state.settings);
  if (isRow(state.keys)) for (const [name, value] of Object.entries(state.keys)) put('key', name, value);
  for (const [name, [kind, key]] of Object.entries(lists)) {
    const rows = state[name] ?? [];
    if (!Array.isArray(rows)) return undefined;
    const lost = rows.filter((row) => !isRow(row) || textOf(row[key]) === undefined);
    for (const row of rows) {
      if (!isRow(row) || textOf(row[key]) === undefined) continue;
      put(kind, String(row[key]), kind === 'task' && state.version === undefined ? withoutDerived(row) : row);
    }
    if (lost.length > 0) notes.push(`${lost.length} of "${name}" have no ${key} and stay unread under "unread_${name}"`);
    if (lost.length > 0) put('other', `unread_${name}`, lost);
  }
  for (const [name, value] of Object.entries(state)) if (!known.has(name)) put('other', name, value);
  const version = state.version === undefined ? undefined : Number(state.version);
  return { kept, version, log: textOf(state.log), logBefore: textOf(state.log_before), notes };
};

/** The ancestor writes the connections that follow from the volumes as if somebody had asked for them. */
const withoutDerived = (row: Row): Row => {
  const { config } = row;
  if (!isRow(config) || !Array.isArray(config.volumes)) return row;
  const { max_threads: threads, ...rest } = config;
  return threads === Math.min(128, Number(config.max_per_volume ?? 4) * config.volumes.length) ? { ...row, config: rest } : row;
};

/** The text of a state whose later changes go to `log`. */
export const stateText = (kept: Kept, log: string, logBefore: string | undefined): string => {
  const lines = [`"version":${stateVersion}`, `"log":${JSON.stringify(log)}`];
  if (logBefore !== undefined) lines.push(`"log_before":${JSON.stringify(logBefore)}`);
  lines.push(`"settings":${JSON.stringify(keptOf(kept, 'settings').get('') ?? {})}`);
  for (const [name, [kind]] of Object.entries(lists)) {
    const rows = [...keptOf(kept, kind).values()].map((row) => JSON.stringify(row));
    lines.push(`"${name}":[${rows.map((row) => `\n${row}`).join(',')}]`);
  }
  lines.push(`"keys":${JSON.stringify(Object.fromEntries(keptOf(kept, 'key')))}`);
  for (const [name, value] of keptOf(kept, 'other')) lines.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${lines.join(',\n')}}\n`;
};
