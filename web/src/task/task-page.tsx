import { useState } from 'react';
import { Link, type RouteComponentProps, useLocation } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { ApiError } from '../data/api-error.ts';
import { useConnection, useTask } from '../data/live.ts';
import { useTaskQuery } from '../data/queries.ts';
import { useWatched } from '../data/watched.ts';
import { ask } from '../tasks/asked.ts';
import { leaving } from '../tasks/leaving.ts';
import { remove, setPaused } from '../tasks/task-actions.ts';
import { TaskDialogs } from '../tasks/task-dialogs.tsx';
import { useText } from '../text/text.ts';
import { useKeys } from '../ui/keys.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { ConfigPanel } from './config-panel.tsx';
import { EventLog } from './event-log.tsx';
import { LinksPanel } from './links-panel.tsx';
import { NowPanel } from './now-panel.tsx';
import { SourcesBoard } from './sources-board.tsx';
import { TaskHeader } from './task-header.tsx';
import { taskText } from './task-text.ts';
import { useLog } from './use-log.ts';

/** Everything about one task. */
export const TaskPage = ({ params: { id } }: RouteComponentProps<{ readonly id: string }>) => {
  const t = useText(taskText);
  const { error, refetch } = useTaskQuery(id);
  const task = useTask(id);
  const isLeaving = useWatched(leaving).has(id);
  const isOffline = useConnection() === 'offline';
  const isGone = (error instanceof ApiError && error.status === 404) || isLeaving;
  if (isGone || (task === undefined && error === null && isKnownGone(id))) {
    return (
      <Empty title={t.gone} action={<Link href="/">{t.back}</Link>}>
        {t.goneHint}
      </Empty>
    );
  }
  if (task === undefined) return error === null || isOffline ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />;
  return <Shown key={id} task={task} />;
};

const seen = new Set<string>();

/** A task that was shown and is no longer there was deleted meanwhile. */
const isKnownGone = (id: string): boolean => seen.has(id);

const Shown = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(taskText);
  const { task_id: id } = task;
  seen.add(id);
  const [, navigate] = useLocation();
  const { data: log = none } = useLog(id);
  const [tab, setTab] = useState<'events' | 'links' | 'setup'>('events');
  useKeys({
    p: () => void setPaused([id], !task.paused),
    n: () => navigate('/new'),
    Escape: () => navigate('/'),
    Delete: () => {
      remove([id]);
      navigate('/');
    },
    '?': () => ask({ what: 'keys' }),
  });
  return (
    <article className="task">
      <TaskHeader task={task} />
      <NowPanel task={task} log={log} />
      <SourcesBoard task={task} />
      <Tabs
        label={t.setup}
        tabs={[
          ['events', t.events],
          ['links', t.links],
          ['setup', t.setup],
        ]}
        current={tab}
        onChange={setTab}
      >
        {tab === 'events' && <EventLog log={log} />}
        {tab === 'links' && <LinksPanel id={id} />}
        {tab === 'setup' && <ConfigPanel task={task} />}
      </Tabs>
      <TaskDialogs />
    </article>
  );
};

const none: readonly never[] = [];
