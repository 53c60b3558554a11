import '../style/form.css';

import { useCallback, useState } from 'react';
import { type RouteComponentProps, useLocation } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { api } from '../data/api.ts';
import { tasks, useTask } from '../data/live.ts';
import { useTaskQuery } from '../data/queries.ts';
import { taskName } from '../tasks/task-name.ts';
import { useText } from '../text/text.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { changes, configOf, draftOf } from './draft.ts';
import { formText } from './form-text.ts';
import { TaskForm } from './task-form.tsx';

/** Edits a task: what is not touched is not sent. */
export const EditPage = ({ params: { id } }: RouteComponentProps<{ id: string }>) => {
  const { error, refetch } = useTaskQuery(id);
  const task = useTask(id);
  if (task === undefined) return error === null ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />;
  return <EditForm key={id} task={task} />;
};

const EditForm = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(formText);
  const [, go] = useLocation();
  const { task_id: id } = task;
  // Events replace the task every second; the form begins with what it was when the page came.
  const [first] = useState(task);
  const [initial] = useState(() => draftOf(task.config));
  const close = useCallback(() => go(`/tasks/${id}`), [go, id]);
  return (
    <TaskForm
      title={t.editTitle(taskName(first))}
      name={`edit.${id}`}
      initial={initial}
      basis={first.updated_at}
      onClose={close}
      onSubmit={async (config) => {
        const now = tasks.get(id) ?? first;
        const change = changes(configOf(draftOf(now.config), now.config.headers), config);
        if (Object.keys(change).length > 0) tasks.put(await api.edit(id, change));
        toast(Object.keys(change).length > 0 ? t.saved : t.unchanged);
        close();
      }}
    />
  );
};
