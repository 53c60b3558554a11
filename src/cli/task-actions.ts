import { HydrantError, toHydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import type { Options } from '../core/options.ts';
import type { Said } from './command-line.ts';
import { readAll } from './read-all.ts';
import { bodiesOf, changeOf } from './task-body.ts';
import { findTask, listTasks } from './task-find.ts';
import { asTask, type TaskInfo } from './task-info.ts';
import { type Body, jsonBody, type TaskServer } from './task-server.ts';
import { tasksText, taskText } from './task-text.ts';
import { printable } from './text.ts';

/** What an action works with. */
export interface ActionContext extends Said {
  readonly server: TaskServer;
  readonly signal: AbortSignal;
  /** Columns of the terminal; as many as wanted where there is none. */
  readonly width: number;
  /** Writes text for people, or where they asked for it `value` as a line of JSON. */
  readonly write: (text: string, value: unknown) => Promise<void>;
  /** Writes text as it is. */
  readonly writeText: (text: string) => Promise<void>;
  /** Tells people what went wrong or is left out. */
  readonly say: (text: string) => void;
}

/** Does what it is called; resolves with the exit code. */
export type Action = (context: ActionContext) => Promise<number>;

const ls: Action = async ({ server, words, width, write }) => {
  if (words.length > 0) throw invalid('hydrant task ls', `takes no "${words[0]}"; hydrant task show ID tells of one task`);
  const tasks = await listTasks(server);
  await write(tasksText(tasks, width), tasks);
  return 0;
};

const show: Action = (context) =>
  each(context, async (task) => {
    await context.write(taskText(task), task);
    return 0;
  });

const add: Action = async ({ server, words, given, write, say }) => {
  if (words.length === 0) throw invalid('hydrant task add', 'needs a URL: hydrant task add https://…');
  let worst = 0;
  for (const body of bodiesOf(words, given)) {
    const made = (await server.json('POST', `/api/tasks${given.fill === true ? '?start_cache=1' : ''}`, jsonBody(body))) as
      | Partial<MadeTask>
      | undefined;
    await write(`${printable(made?.proxy_url ?? '')}\n`, made);
    if (made?.cache_error !== undefined) {
      say(`hydrant: task ${made.task_id} is made, and cannot be filled: ${made.cache_error}\n`);
      worst = 4;
    }
  }
  return worst;
};

interface MadeTask {
  readonly task_id: string;
  readonly proxy_url: string;
  readonly cache_error: string;
}

const edit: Action = async ({ server, words, given, write }) => {
  const [word, ...urls] = words;
  if (word === undefined) throw invalid('hydrant task edit', 'needs the id or the link of a task');
  const change = changeOf(urls, given);
  const { task_id: id } = await findTask(server, word);
  const value = await server.json('PATCH', `/api/tasks/${id}`, jsonBody(change));
  const task = asTask(value);
  await write(task === undefined ? '' : taskText(task), value);
  return 0;
};

/** Asks `method` of `/api/tasks/ID…` for every task that is named. */
const simple =
  (method: string, below: string, done: string): Action =>
  (context) =>
    each(context, async ({ task_id: id }) => {
      const value = await context.server.json(method, `/api/tasks/${id}${below}`);
      await context.write(`${printable(id)} ${done}\n`, value ?? { task_id: id });
      return 0;
    });

const exportTasks: Action = async (context) => {
  const { server, words, writeText } = context;
  const text = async (path: string): Promise<void> => {
    const found = await server.text('GET', path);
    await writeText(found.endsWith('\n') ? found : `${found}\n`);
  };
  if (words.length === 0) await text('/api/tasks/export');
  else {
    return each(context, async ({ task_id: id }) => {
      await text(`/api/tasks/${id}/export`);
      return 0;
    });
  }
  return 0;
};

const importTasks: Action = async ({ server, words, signal, write, say }) => {
  const [path, second] = words;
  if (path === undefined || second !== undefined) throw invalid('hydrant task import', 'needs one file; - is stdin');
  const answer = await server.json('POST', '/api/tasks/import', bodyOf(await readAll(path, 'import', signal)));
  const { created = [], refused = [], notes = [], skipped = 0 } = (answer ?? {}) as Partial<MadeTasks>;
  await write(created.map(({ proxy_url: link }) => `${printable(link)}\n`).join(''), answer);
  for (const { index, error } of refused) say(`hydrant: task ${index + 1} is not made: ${printable(error)}\n`);
  for (const note of notes) say(`hydrant: ${printable(note)}\n`);
  if (skipped > 0) say(`hydrant: ${skipped === 1 ? 'a URL is' : `${skipped} URLs are`} left out, being neither http nor https\n`);
  return refused.length > 0 ? 2 : 0;
};

interface MadeTasks {
  readonly created: readonly MadeTask[];
  readonly refused: readonly { readonly index: number; readonly error: string }[];
  readonly notes: readonly string[];
  readonly skipped: number;
}

/** Text to import, as what it is; lists of URLs, curl commands and aria2's lists are all plain text. */
const bodyOf = (text: string): Body => {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  const type = /^[{[]/.test(start) ? 'application/json' : start.startsWith('<') ? 'application/metalink4+xml' : 'text/plain; charset=utf-8';
  return { type, text };
};

/** Does `act` with every task that is named. One that fails stops no other; the exit code is the worst. */
const each = async ({ server, words, say }: ActionContext, act: (task: TaskInfo) => Promise<number>): Promise<number> => {
  if (words.length === 0) throw invalid('hydrant task', 'needs the id or the link of a task; hydrant task ls lists them');
  let worst = 0;
  for (const word of words) {
    try {
      worst = Math.max(worst, await act(await findTask(server, word)));
    } catch (error) {
      const failure = toHydrantError(error, 'SOURCE_UNREACHABLE');
      // What fails for one for these reasons fails for all.
      if (words.length === 1 || !(error instanceof HydrantError) || common.has(failure.code)) throw error;
      say(`hydrant: ${failure.message}\n`);
      worst = Math.max(worst, failure.exitCode);
    }
  }
  return worst;
};

const common: ReadonlySet<string> = new Set(['SOURCE_UNREACHABLE', 'UNAUTHORIZED', 'STOPPED']);

/** What can be done with tasks, by name. */
export const taskActions: Readonly<Record<string, Action>> = {
  ls,
  add,
  show,
  edit,
  rm: simple('DELETE', '', 'removed'),
  pause: simple('POST', '/pause', 'paused'),
  resume: simple('POST', '/resume', 'resumed'),
  fill: simple('POST', '/cache', 'filling'),
  export: exportTasks,
  import: importTasks,
};

const config: readonly (keyof Options)[] = [
  ...(['name', 'cache', 'fill', 'mirrors', 'volumes', 'connections', 'lease', 'limit', 'map'] as const),
  ...(['header', 'userAgent', 'referer', 'cookie', 'user', 'bearer'] as const),
];

/** Options that mean something to an action beside those that say where the server is. */
export const actionOptions: Readonly<Record<string, readonly (keyof Options)[]>> = { add: config, edit: config };
