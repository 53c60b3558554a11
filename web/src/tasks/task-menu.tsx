import { useLocation } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { useText } from '../text/text.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { actionsText } from './actions-text.ts';
import { ask } from './asked.ts';
import { copy, exportTasks, fill, pauseFill, remove, setPaused } from './task-actions.ts';
import { mediaKind } from './task-facts.ts';
import { taskName, taskState } from './task-name.ts';

/** The two things people want, pause, and the rest behind a button. */
export const TaskActions = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(actionsText);
  const { task_id: id, paused } = task;
  return (
    <div className="task-actions">
      <IconButton icon="copy" label={t.copyLink} onClick={() => void copy(task.proxy_url)} />
      {mediaKind(task) !== undefined && <IconButton icon="play" label={t.play} onClick={() => ask({ what: 'play', id })} />}
      <IconButton icon={paused ? 'resume' : 'pause'} label={paused ? t.resume : t.pause} onClick={() => void setPaused([id], !paused)} />
      <TaskMenu task={task} />
    </div>
  );
};

/** Everything else that can be done with a task. `onGone` is called where it is deleted. */
export const TaskMenu = ({ task, onGone }: { readonly task: TaskInfo; readonly onGone?: () => void }) => {
  const t = useText(actionsText);
  const [, navigate] = useLocation();
  const { task_id: id, cache_job: job, cache, config } = task;
  const isWhole = taskState(task) === 'done' || (cache !== null && cache.total_size > 0 && cache.bytes_cached >= cache.total_size);
  return (
    <Menu label={t.more(taskName(task))}>
      <MenuItem icon="external" onClick={() => window.open(task.proxy_url, '_blank', 'noopener')}>
        {t.open}
      </MenuItem>
      <MenuItem icon="play" onClick={() => ask({ what: 'play', id })}>
        {t.play}
      </MenuItem>
      <MenuItem icon="edit" onClick={() => navigate(`/tasks/${id}/edit`)}>
        {t.edit}
      </MenuItem>
      <MenuItem icon="copy" onClick={() => navigate(`/new?from=${id}`)}>
        {t.clone}
      </MenuItem>
      {job?.state === 'running' ? (
        <MenuItem icon="pause" onClick={() => void pauseFill([id])}>
          {t.pauseFill}
        </MenuItem>
      ) : (
        <MenuItem icon="fill" disabled={!config.cache || isWhole} onClick={() => void fill([id])}>
          {job?.state === 'paused' ? t.resumeFill : t.fill}
        </MenuItem>
      )}
      <MenuItem icon="close" disabled={(cache?.bytes_cached ?? 0) === 0} onClick={() => ask({ what: 'clear', id })}>
        {t.clearCache}
      </MenuItem>
      <MenuItem icon="down" onClick={() => exportTasks([id])}>
        {t.export}
      </MenuItem>
      <MenuItem
        icon="trash"
        danger
        onClick={() => {
          remove([id]);
          onGone?.();
        }}
      >
        {t.remove}
      </MenuItem>
      <MenuItem icon="trash" danger onClick={() => ask({ what: 'remove', ids: [id] })}>
        {t.removeWith}
      </MenuItem>
    </Menu>
  );
};
