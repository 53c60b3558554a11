import '../style/form.css';

import { useCallback, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { api } from '../data/api.ts';
import { useTask } from '../data/live.ts';
import { useTaskQuery } from '../data/queries.ts';
import { useText } from '../text/text.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { toast, toastError } from '../ui/toast.tsx';
import { draftOf } from './draft.ts';
import { formText } from './form-text.ts';
import { TaskForm } from './task-form.tsx';

/** Makes a task; with `?from=ID` one like another. */
export const NewPage = () => {
  const [search] = useSearchParams();
  const from = search.get('from');
  return from === null ? <NewForm key="new" /> : <CloneForm key={from} id={from} />;
};

const CloneForm = ({ id }: { readonly id: string }) => {
  const { error, refetch } = useTaskQuery(id);
  const task = useTask(id);
  if (task === undefined) return error === null ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />;
  return <NewForm from={task} />;
};

const NewForm = ({ from }: { readonly from?: TaskInfo }) => {
  const t = useText(formText);
  const [, go] = useLocation();
  // What is cloned is what the task was when the page came.
  const [initial] = useState(() => draftOf(from?.config));
  const close = useCallback(() => go('/'), [go]);
  return (
    <TaskForm
      title={from === undefined ? t.newTitle : t.cloneTitle}
      name={from === undefined ? 'new' : `clone.${from.task_id}`}
      initial={initial}
      basis={null}
      onClose={close}
      onSubmit={async (config, fill) => {
        const { task_id, cache_error } = await api.create(config, fill);
        if (cache_error === undefined) toast(t.created);
        else toastError(new Error(t.fillFailed(cache_error)));
        go(`/tasks/${task_id}`);
      }}
    />
  );
};
