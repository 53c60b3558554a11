import { HydrantError } from '../../core/errors.ts';
import { parseMetalink } from '../../http/metalink.ts';
import { parseAria2 } from './aria2.ts';
import { parseCurl } from './curl.ts';
import { named, type Parts, refused, type TaskPart } from './part.ts';
import { parseUrlList } from './url-list.ts';

/** What text for an import can be. */
export type ImportKind = 'json' | 'metalink' | 'curl' | 'aria2' | 'urls';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Tasks in some text, yet to be checked like the body of any request; `settings` where a state file has them. `skipped`
 * counts what was no http or https URL; `notes` say what else was left out, a line each.
 */
export interface Imported {
  readonly kind: ImportKind;
  readonly tasks: readonly Readonly<Record<string, unknown>>[];
  readonly settings?: unknown;
  /** What stood beside the config of each task where a state file has them: its id and what became of it. */
  readonly beside?: readonly Fields[];
  readonly skipped: number;
  readonly notes: readonly string[];
}

/** What `text` is. A list with tabs or indented `key=value` lines is aria2's; of any other each line is a URL. */
export const importKind = (text: string): ImportKind => {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (/^[{[]/.test(start)) return 'json';
  if (start.startsWith('<')) return 'metalink';
  if (/^(?:#[^\n]*\n\s*)*(?:\$\s+)?(?:\S*[/\\])?curl(?:\.exe)?\s/.test(start)) return 'curl';
  if (/^[ \t]+[a-z][a-z0-9-]*=/m.test(text) || /^https?:[^\t\n]*\t+[a-z]+:/im.test(text)) return 'aria2';
  return 'urls';
};

/** Reads tasks in `text`: JSON (one, an array, or a state file), Metalink, curl commands, aria2's input file or a list of URLs. Throws OPTION_INVALID. */
export const importTasks = (text: string, kind: ImportKind = importKind(text)): Imported => {
  if (text.trim() === '') throw refused('line 1:', 'there is nothing to import');
  switch (kind) {
    case 'json':
      return fromJson(text);
    case 'metalink':
      return imported(kind, fromMetalink(text));
    case 'curl':
      return imported(kind, parseCurl(text));
    case 'aria2':
      return imported(kind, parseAria2(text));
    case 'urls':
      return imported(kind, parseUrlList(text));
  }
};

const imported = (kind: ImportKind, parts: Parts): Imported => ({ ...parts, kind, tasks: parts.tasks.map((part) => ({ ...part })) });

const fromMetalink = (text: string): Parts => {
  const files = parseMetalink(text);
  const notes = files
    .filter(({ digests, pieces }) => digests.length > 0 || pieces !== undefined)
    .map(({ name }) => `the checksums of ${JSON.stringify(name)} are left out: a task has none`);
  const usable = files.filter(({ mirrors }) => mirrors.length > 0);
  if (usable.length === 0) throw new HydrantError('OPTION_INVALID', 'the Metalink has no http or https URL');
  return {
    tasks: usable.map(({ name, mirrors }): TaskPart => ({ volumes: [mirrors.map(({ url }) => url)], ...named(name) })),
    skipped: files.reduce((sum, { dropped }) => sum + dropped, 0),
    notes,
  };
};

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const fromJson = (text: string): Imported => {
  const value = json(text.replace(/^\uFEFF/, ''));
  const isState = isObject(value) && Array.isArray(value.tasks);
  const list: unknown = isState ? value.tasks : Array.isArray(value) ? value : [value];
  const tasks = (list as readonly unknown[]).map((task, index) => {
    // A state file and a task as the server tells of it keep what was asked for apart from what became of it.
    const config = isObject(task) && 'config' in task ? task.config : task;
    if (!isObject(config)) throw refused(`task ${index + 1}:`, 'is no object');
    return config;
  });
  if (tasks.length === 0 && !(isState && isObject(value.settings))) throw refused('line 1:', 'there is no task in this');
  const settings = isState && value.settings !== undefined ? { settings: value.settings } : {};
  const beside = isState ? { beside: list as readonly Fields[] } : {};
  return { kind: 'json', tasks, ...settings, ...beside, skipped: 0, notes: [] };
};

/** The value in `text`. What the parser says shows pieces of the text, which may be secret: only its place is told. */
const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
    const before = position === undefined ? text.trimEnd() : text.slice(0, Number(position));
    throw refused(`line ${before.split('\n').length}:`, 'this is not valid JSON');
  }
};
