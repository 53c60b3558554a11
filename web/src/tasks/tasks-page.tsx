import { useConnection } from '../data/live.ts';
import { useTaskList } from '../data/queries.ts';
import { StateFilter } from '../shell/state-filter.tsx';
import { useTaskFilter } from '../shell/task-filter.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { TaskRow } from './task-row.tsx';
import { tasksText } from './tasks-text.ts';

/** All tasks, or those that the filter leaves. */
export const TasksPage = () => {
  const t = useText(tasksText);
  const [{ q, state }] = useTaskFilter();
  return (
    <section aria-label={t.title} className="tasks">
      <h1 className="unseen">{t.title}</h1>
      <StateFilter />
      <List q={q} state={state} />
    </section>
  );
};

const List = ({ q, state }: ReturnType<typeof useTaskFilter>[0]) => {
  const t = useText(tasksText);
  const [, change] = useTaskFilter();
  const isOffline = useConnection() === 'offline';
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useTaskList({
    q,
    ...(state !== undefined && { state }),
  });
  if (data === undefined) {
    // Where the server is away, the bar above says so.
    return error === null || isOffline ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (data.ids.length === 0) {
    if (q === '' && state === undefined) return <Empty title={t.none}>{t.noneHint}</Empty>;
    return (
      <Empty title={t.noMatch} action={<Button onClick={() => change({ q: '', state: undefined })}>{t.showAll}</Button>}>
        {t.noMatchHint}
      </Empty>
    );
  }
  return (
    <>
      <ul className="task-list">
        {data.ids.map((id) => (
          <TaskRow key={id} id={id} />
        ))}
      </ul>
      <footer className="task-foot muted">
        <span>{t.shown(data.ids.length, data.matched)}</span>
        {hasNextPage && (
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t.more}
          </Button>
        )}
      </footer>
    </>
  );
};
