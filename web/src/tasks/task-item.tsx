import { memo } from 'react';
import { Link } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { useTask } from '../data/live.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { HeatStrip } from '../ui/heat-strip.tsx';
import { Bytes, Percent, Rate } from '../ui/number.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { StateDot } from '../ui/state.tsx';
import type { View } from './list-choices.ts';
import { sourceCounts, taskFlow } from './task-facts.ts';
import { TaskActions } from './task-menu.tsx';
import { taskName, taskShare, taskState, toneOf } from './task-name.ts';
import { tasksText } from './tasks-text.ts';

interface TaskItemProps {
  readonly id: string;
  readonly look: View;
  readonly isSelected: boolean;
  /** Its number in the whole list, from one, and how many there are: not all of them are rendered. */
  readonly position: number;
  readonly count: number;
  readonly onSelect: (id: string, isRange: boolean) => void;
}

/** One task of the list, as a card or in a line. */
export const TaskItem = memo(({ id, look, isSelected, position, count, onSelect }: TaskItemProps) => {
  const t = useText(tasksText);
  const task = useTask(id);
  const Body = look === 'cards' ? Card : Row;
  return (
    <li
      className={`${look === 'cards' ? 'task-card' : 'task-row'}${isSelected ? ' selected' : ''}`}
      data-id={id}
      aria-setsize={count}
      aria-posinset={position}
    >
      {task !== undefined && (
        <>
          <label className="task-pick">
            <input
              type="checkbox"
              aria-label={t.select(taskName(task))}
              checked={isSelected}
              onChange={({ nativeEvent }) => onSelect(id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
            />
          </label>
          <Body task={task} />
        </>
      )}
    </li>
  );
});

const Name = ({ task }: { readonly task: TaskInfo }) => (
  <Link href={`/tasks/${task.task_id}`} className="task-name" title={taskName(task)}>
    {taskName(task)}
  </Link>
);

const Strip = ({ task }: { readonly task: TaskInfo }) => {
  const share = taskShare(task);
  return (
    <span className="task-strip">
      {share === undefined ? (
        <span className="strip-unknown" />
      ) : (
        <HeatStrip buckets={task.cache?.bitmap_summary ?? none} total={share.total} flowing={task.cache_job?.state === 'running'} />
      )}
    </span>
  );
};

const none: readonly number[] = [];

const Curve = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(shellText);
  const { samples, isFill } = taskFlow(task);
  return <Sparkline samples={samples} label={isFill ? t.inCurve : t.outCurve} colour={isFill ? '--done' : '--flow'} />;
};

const Card = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(tasksText);
  const state = taskState(task);
  const share = taskShare(task);
  const { working, given } = sourceCounts(task);
  const { rate } = taskFlow(task);
  return (
    <>
      <div className="card-head">
        <StateDot tone={toneOf[state]} />
        <Name task={task} />
        <span className={rate > 0 ? '' : 'still'}>
          <Rate value={rate} />
        </span>
        <Curve task={task} />
      </div>
      <Strip task={task} />
      <div className="card-foot">
        <span className={`task-state ${state}`}>{t.states[state]}</span>
        {share !== undefined && (
          <span className="card-share">
            <Percent part={share.done} whole={share.total} />
            <Bytes value={share.total} />
          </span>
        )}
        <span className={working < given ? 'task-sources short' : 'task-sources muted'}>{t.sources(working, given)}</span>
        <TaskActions task={task} />
      </div>
    </>
  );
};

const Row = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(tasksText);
  const state = taskState(task);
  const share = taskShare(task);
  const { working, given } = sourceCounts(task);
  const { rate } = taskFlow(task);
  return (
    <>
      <StateDot tone={toneOf[state]} />
      <Name task={task} />
      <span className={`task-state ${state}`}>{t.states[state]}</span>
      <Strip task={task} />
      <span className="task-percent">{share !== undefined && <Percent part={share.done} whole={share.total} />}</span>
      <span className="task-size">{share !== undefined && <Bytes value={share.total} />}</span>
      <span className="task-curve">
        <Curve task={task} />
      </span>
      <span className="task-rate">{rate > 0 && <Rate value={rate} />}</span>
      <span className={working < given ? 'task-sources short' : 'task-sources muted'}>{t.sources(working, given)}</span>
      <TaskActions task={task} />
    </>
  );
};
