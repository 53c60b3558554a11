import { Link } from 'wouter';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { language } from '../choices/language.ts';
import { useWatched } from '../data/watched.ts';
import { actionsText } from '../tasks/actions-text.ts';
import { copy, exportTasks } from '../tasks/task-actions.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { taskText } from './task-text.ts';

/** The config of a task as the server has it. */
export const ConfigPanel = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(taskText);
  const a = useText(actionsText);
  const tongue = useWatched(language.watched);
  const text = JSON.stringify(task.config, null, 2);
  const when = (seconds: number): string => new Date(seconds * 1000).toLocaleString(tongue);
  return (
    <div className="config">
      <div className="config-tools">
        <Button icon="copy" onClick={() => void copy(text)}>
          {t.copyConfig}
        </Button>
        <Button icon="down" onClick={() => exportTasks([task.task_id])}>
          {a.export}
        </Button>
        <Link href={`/tasks/${task.task_id}/edit`} className="button normal">
          <Icon name="edit" />
          {a.edit}
        </Link>
        <Link href={`/new?from=${task.task_id}`} className="button normal">
          <Icon name="copy" />
          {a.clone}
        </Link>
        <span className="muted">
          {t.created} {when(task.created_at)} · {t.edited} {when(task.updated_at)}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the window is scrolled by keys too. */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
};
