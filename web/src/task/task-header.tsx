import { Link, useLocation } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { actionsText } from '../tasks/actions-text.ts';
import { ask } from '../tasks/asked.ts';
import { copy, fill, pauseFill, setPaused } from '../tasks/task-actions.ts';
import { mediaKind } from '../tasks/task-facts.ts';
import { TaskMenu } from '../tasks/task-menu.tsx';
import { taskName, taskShare, taskState, toneOf } from '../tasks/task-name.ts';
import { tasksText } from '../tasks/tasks-text.ts';
import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Bytes } from '../ui/number.tsx';
import { Badge } from '../ui/state.tsx';
import { taskText } from './task-text.ts';

/** What the task is called, its link, and what people do with it. */
export const TaskHeader = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(taskText);
  const a = useText(actionsText);
  const names = useText(tasksText).states;
  const [, navigate] = useLocation();
  const { task_id: id, paused, cache_job: job, config } = task;
  const state = taskState(task);
  const share = taskShare(task);
  return (
    <header className="task-header">
      <div className="task-title">
        <Link href="/" className="button plain icon-button" aria-label={t.back} title={t.back}>
          <Icon name="back" />
        </Link>
        <h1>{taskName(task)}</h1>
        <Badge tone={toneOf[state]}>{names[state]}</Badge>
        {share !== undefined && <Bytes value={share.total} />}
      </div>
      <div className="task-link">
        <Icon name="link" />
        <a href={task.proxy_url} target="_blank" rel="noopener noreferrer">
          {task.proxy_url}
        </a>
        <IconButton icon="copy" label={a.copyLink} onClick={() => void copy(task.proxy_url)} />
      </div>
      <div className="task-doing">
        {mediaKind(task) !== undefined && (
          <Button look="primary" icon="play" onClick={() => ask({ what: 'play', id })}>
            {a.play}
          </Button>
        )}
        <Button icon={paused ? 'resume' : 'pause'} onClick={() => void setPaused([id], !paused)}>
          {paused ? a.resume : a.pause}
        </Button>
        {job?.state === 'running' ? (
          <Button icon="pause" onClick={() => void pauseFill([id])}>
            {a.pauseFill}
          </Button>
        ) : (
          config.cache &&
          state !== 'done' && (
            <Button icon="fill" onClick={() => void fill([id])}>
              {job?.state === 'paused' ? a.resumeFill : a.fill}
            </Button>
          )
        )}
        <Link href={`/tasks/${id}/edit`} className="button normal">
          <Icon name="edit" />
          {a.edit}
        </Link>
        <TaskMenu task={task} onGone={() => navigate('/')} />
      </div>
    </header>
  );
};
