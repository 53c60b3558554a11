/* What can be done with tasks, one or many: each says that it was done, or in the server's words why not. */
import type { TaskInfo } from '../../../src/server/api-types.ts';
import { api } from '../data/api.ts';
import { tasks } from '../data/live.ts';
import { say } from '../text/text.ts';
import { toast, toastError, toastUndo, wordsOf } from '../ui/toast.tsx';
import { actionsText } from './actions-text.ts';
import { setLeaving } from './leaving.ts';
import { taskName } from './task-name.ts';

/** Requests at once: a server that is asked to do a thousand things does other things too. */
const atOnce = 6;

/** Does `act` for each of `ids`; answers those that it was done for. What was refused is said once. */
const each = async (ids: readonly string[], act: (id: string) => Promise<unknown>): Promise<readonly string[]> => {
  const done: string[] = [];
  const refused: unknown[] = [];
  const left = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await act(id);
        done.push(id);
      } catch (error) {
        refused.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, worker));
  if (refused.length > 0) {
    const t = say(actionsText);
    toastError(ids.length === 1 ? refused[0] : new Error(t.failed(refused.length, wordsOf(refused[0]))));
  }
  return done;
};

/** Copies `text`; says so, or shows the text where the browser forbids it. */
export const copy = async (text: string): Promise<void> => {
  const t = say(actionsText);
  try {
    await navigator.clipboard.writeText(text);
    toast(t.copied);
  } catch {
    toastError(new Error(t.notCopied + text));
  }
};

const put = (task: TaskInfo): void => tasks.put(task);

/** Lets new streams of `ids` wait, or go on. */
export const setPaused = async (ids: readonly string[], paused: boolean): Promise<void> => {
  const changing = ids.filter((id) => tasks.get(id)?.paused !== paused);
  const act = async (id: string, to: boolean): Promise<void> => put(await (to ? api.pause(id) : api.resume(id)));
  const done = await each(changing, (id) => act(id, paused));
  const t = say(actionsText);
  if (done.length > 1) toast((paused ? t.paused : t.resumed)(done.length));
};

/** Brings the whole file of each into the cache. */
export const fill = async (ids: readonly string[]): Promise<void> => {
  await each(ids, async (id) => {
    const cache_job = await api.fill(id);
    tasks.change(id, () => ({ cache_job }));
  });
};

/** Stops that; what came stays. */
export const pauseFill = async (ids: readonly string[]): Promise<void> => {
  await each(ids, async (id) => {
    const cache_job = await api.pauseFill(id);
    tasks.change(id, () => ({ cache_job }));
  });
};

/** Forgets what the cache holds of a task. */
export const clearCache = async (id: string): Promise<void> => {
  const done = await each([id], (one) => api.clearCache(one));
  if (done.length === 0) return;
  toast(say(actionsText).cleared);
  await api.task(id).then(put, () => undefined);
};

/** Deletes tasks: what is cached stays, and for ten seconds it can be undone. */
export const remove = (ids: readonly string[]): void => {
  const [first = ''] = ids;
  const t = say(actionsText);
  const task = tasks.get(first);
  setLeaving(ids, true);
  const act = async (): Promise<void> => {
    await each(ids, (id) => api.remove(id));
    setLeaving(ids, false);
  };
  const words = ids.length === 1 && task !== undefined ? t.removedName(taskName(task)) : t.removed(ids.length);
  toastUndo(
    words,
    () => void act(),
    () => setLeaving(ids, false),
  );
};

/** Deletes tasks at once, with what is cached of them. */
export const removeWithCache = async (ids: readonly string[]): Promise<void> => {
  setLeaving(ids, true);
  const done = await each(ids, (id) => api.remove(id, true));
  setLeaving(ids, false);
  if (done.length > 0) toast(say(actionsText).removed(done.length));
};

/** Saves the configs of `ids` as a file that can be imported again. */
export const exportTasks = (ids: readonly string[]): void => {
  const all = ids.flatMap((id) => tasks.get(id) ?? []);
  const text = JSON.stringify(
    {
      tasks: all.map(({ task_id, config, created_at, updated_at, paused }) => ({ id: task_id, config, created_at, updated_at, paused })),
    },
    null,
    2,
  );
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = all.length === 1 ? `hydrant-task-${ids[0]}.json` : 'hydrant-tasks.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};
