import { HydrantError } from '../core/errors.ts';
import { type Imported, importTasks } from './imports/import.ts';
import type { Settings } from './settings.ts';
import { parseSettings } from './settings-schema.ts';
import type { TaskConfig } from './task-config.ts';
import { readRecord } from './task-record.ts';
import { parseTask } from './task-schema.ts';
import type { Task, TaskFacts, Tasks } from './tasks.ts';

/** What came of an import. */
export interface ImportOutcome {
  readonly kind: Imported['kind'];
  readonly created: readonly Task[];
  /** Tasks that could not be made: the place in the text, from 0, and why. */
  readonly refused: readonly { readonly index: number; readonly error: string }[];
  readonly skipped: number;
  readonly notes: readonly string[];
}

interface Wanted {
  readonly config: TaskConfig;
  readonly facts: TaskFacts;
}

/** What the task at `index` says. A state file's are read as leniently as a restart reads them. */
const wantedAt = ({ tasks, beside }: Imported, index: number): Wanted => {
  const row = beside?.[index];
  if (row === undefined || !('config' in row)) return { config: parseTask(tasks[index]).config, facts: {} };
  const { id = '', ...rest } = row;
  const { config, createdAt, paused } = readRecord(String(id), rest);
  const created = createdAt > 1 ? { createdAt } : {};
  return { config, facts: { id: String(id), ...created, paused } };
};

/** What an import would make of some text, told before anything is made. */
export interface ImportCheck {
  readonly kind: Imported['kind'] | null;
  /** What the text says of each task that could be made, in the names of a task; what it leaves open is absent. */
  readonly tasks: readonly Partial<TaskConfig>[];
  readonly refused: ImportOutcome['refused'];
  readonly skipped: number;
  readonly notes: readonly string[];
}

/** Reads `text` as an import does and makes nothing. What cannot be read at all is refused at 0. */
export const checkImport = (tasks: Tasks, text: string): ImportCheck => {
  const read: Partial<TaskConfig>[] = [];
  const refused: { index: number; error: string }[] = [];
  const attempt = (index: number, act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof HydrantError)) throw error;
      refused.push({ index, error: error.message });
    }
  };
  let found: Imported | undefined;
  attempt(0, () => {
    found = importTasks(text);
  });
  for (const [index, said] of (found?.tasks ?? []).entries()) {
    attempt(index, () => {
      const { config } = parseTask(said);
      tasks.check(config);
      read.push(Object.fromEntries(Object.entries(config).filter(([name]) => name === 'volumes' || name in said)));
    });
  }
  return { kind: found?.kind ?? null, tasks: read, refused, skipped: found?.skipped ?? 0, notes: found?.notes ?? [] };
};

/**
 * Makes the tasks in `text`, each that can be; `settings`: with the settings of a state file. Rejects with
 * OPTION_INVALID where nothing in it is of use.
 */
export const importInto = async (tasks: Tasks, text: string, settings: Settings | undefined): Promise<ImportOutcome> => {
  const found = importTasks(text);
  const notes = [...found.notes];
  if (found.settings !== undefined && settings !== undefined) await settings.change(parseSettings(found.settings));
  if (found.settings !== undefined && settings === undefined) notes.push('the settings were left out: ask for them with ?settings=true');
  const outcomes = await Promise.all(
    found.tasks.map(async (_, index): Promise<Task | { readonly index: number; readonly error: string }> => {
      try {
        const { config, facts } = wantedAt(found, index);
        return await tasks.create(config, facts);
      } catch (error) {
        if (!(error instanceof HydrantError) || error.code !== 'OPTION_INVALID') throw error;
        return { index, error: error.message };
      }
    }),
  );
  const created = outcomes.filter((outcome): outcome is Task => 'live' in outcome);
  const refused = outcomes.filter((outcome) => 'error' in outcome);
  const [first] = refused;
  if (created.length === 0 && first !== undefined) throw new HydrantError('OPTION_INVALID', `task ${first.index + 1}: ${first.error}`);
  return { kind: found.kind, created, refused, skipped: found.skipped, notes };
};
