import { HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import { asTask, type TaskInfo } from './task-info.ts';
import type { TaskServer } from './task-server.ts';

/** The task that `word` means: its id, as much of the beginning as no other shares, or its link. Rejects with TASK_UNKNOWN. */
export const findTask = async (server: TaskServer, word: string): Promise<TaskInfo> => {
  const id = idIn(word);
  try {
    const task = asTask(await server.json('GET', `/api/tasks/${encodeURIComponent(id)}`));
    if (task !== undefined) return task;
  } catch (error) {
    if (!(error instanceof HydrantError) || error.code !== 'TASK_UNKNOWN') throw error;
  }
  const found = (await listTasks(server)).filter(({ task_id }) => task_id.startsWith(id));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined) throw new HydrantError('TASK_UNKNOWN', `there is no task "${id}"; hydrant task ls lists them`);
  const some = found.slice(0, 5).map(({ task_id }) => task_id);
  throw invalid(`"${id}"`, `could be any of ${found.length} tasks: ${some.join(', ')}${found.length > some.length ? ', …' : ''}`);
};

/** All tasks, those changed last first. */
export const listTasks = async (server: TaskServer): Promise<readonly TaskInfo[]> => {
  const list = await server.json('GET', '/api/tasks');
  return Array.isArray(list) ? list.map(asTask).filter((task) => task !== undefined) : [];
};

const idIn = (word: string): string => {
  const [, linked] = /^https?:\/\/[^?#]*\/stream\/([^/?#]+)/i.exec(word) ?? [];
  const id = linked ?? word;
  if (!/^[\w-]{1,64}$/.test(id)) throw invalid(JSON.stringify(word), 'is neither the id of a task nor its link');
  return id.toLowerCase();
};
