import { useCallback, useEffect, useState } from 'react';
import { Link } from 'wouter';

import { useRemembered } from '../choices/remembered.ts';
import { useConnection } from '../data/live.ts';
import { useTaskList } from '../data/queries.ts';
import { useTaskFilter } from '../shell/task-filter.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useKeys } from '../ui/keys.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { sort, view } from './list-choices.ts';
import { ListTools } from './list-tools.tsx';
import { TaskDialogs } from './task-dialogs.tsx';
import { TaskList } from './task-list.tsx';
import { tasksText } from './tasks-text.ts';

/** All tasks, or those that the filter leaves. */
export const TasksPage = () => {
  const t = useText(tasksText);
  const [{ q, state }] = useTaskFilter();
  return (
    <section aria-label={t.title} className="tasks">
      <h1 className="unseen">{t.title}</h1>
      <ListTools />
      <Found q={q} state={state} />
      <TaskDialogs />
    </section>
  );
};

const Found = ({ q, state }: ReturnType<typeof useTaskFilter>[0]) => {
  const t = useText(tasksText);
  const [, change] = useTaskFilter();
  const [look] = useRemembered(view);
  const [order] = useRemembered(sort);
  const [wantsAll, setWantsAll] = useState(false);
  const isOffline = useConnection() === 'offline';
  // The server lists the last edited first; any other order needs all of them.
  const isWhole = wantsAll || order !== 'edited';
  const { data, error, refetch, hasNextPage, isFetching, fetchNextPage } = useTaskList({
    q,
    ...(state !== undefined && { state }),
    limit: isWhole ? 1000 : 100,
  });
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const canMore = hasNextPage && !isFetching && error === null;
  useEffect(() => {
    if (isWhole && canMore) more();
  }, [isWhole, canMore, more]);
  if (data === undefined) {
    // Where the server is away, the bar above says so.
    return error === null || isOffline ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (data.ids.length === 0) {
    if (q === '' && state === undefined) return <NoTasks />;
    return (
      <Empty title={t.noMatch} action={<Button onClick={() => change({ q: '', state: undefined })}>{t.showAll}</Button>}>
        {t.noMatchHint}
      </Empty>
    );
  }
  return (
    <TaskList
      ids={data.ids}
      matched={data.matched}
      look={look}
      sort={order}
      onMore={canMore ? more : undefined}
      onWhole={() => setWantsAll(true)}
      isWhole={isWhole && !hasNextPage && !isFetching}
    />
  );
};

const NoTasks = () => {
  const t = useText(tasksText);
  useKeys({ n: () => document.querySelector<HTMLElement>('.place .button')?.click() });
  return (
    <Empty
      title={t.none}
      action={
        <Link href="/new" className="button primary">
          <Icon name="plus" />
          {t.create}
        </Link>
      }
    >
      {t.noneHint}
    </Empty>
  );
};
