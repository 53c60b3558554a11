import { memo } from 'react';

import { useTask } from '../data/live.ts';
import { useText } from '../text/text.ts';
import { HeatStrip } from '../ui/heat-strip.tsx';
import { Bytes, Percent, Rate } from '../ui/number.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { StateDot } from '../ui/state.tsx';
import { taskName, taskShare, taskState, toneOf } from './task-name.ts';
import { tasksText } from './tasks-text.ts';

/** One task in a line. */
export const TaskRow = memo(({ id }: { readonly id: string }) => {
  const t = useText(tasksText);
  const task = useTask(id);
  if (task === undefined) return null;
  const state = taskState(task);
  const share = taskShare(task);
  const fill = task.cache_job?.state === 'running' ? task.cache_job : undefined;
  const rate = fill === undefined ? task.current_speed_bps : Math.max(fill.current_speed_bps, task.current_speed_bps);
  return (
    <li className="task-row">
      <StateDot tone={toneOf[state]} />
      <span className="task-name" title={taskName(task)}>
        {taskName(task)}
      </span>
      <span className="task-state muted">{t.states[state]}</span>
      <span className="task-strip">
        {share !== undefined && <HeatStrip buckets={task.cache?.bitmap_summary ?? []} total={share.total} flowing={fill !== undefined} />}
      </span>
      <span className="task-percent">{share !== undefined && <Percent part={share.done} whole={share.total} />}</span>
      <span className="task-size">{share !== undefined && <Bytes value={share.total} />}</span>
      <span className="task-curve">
        <Sparkline samples={fill?.speed_samples ?? task.speed_samples} label={t.curve} />
      </span>
      <span className="task-rate">{rate > 0 && <Rate value={rate} />}</span>
      <span className="task-sources muted">{t.sources(task.config.volumes.flat().length)}</span>
    </li>
  );
});
