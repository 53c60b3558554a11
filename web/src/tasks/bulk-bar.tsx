import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { actionsText } from './actions-text.ts';
import { ask } from './asked.ts';
import { clearSelection } from './selection.ts';
import { exportTasks, fill, remove, setPaused } from './task-actions.ts';
import { tasksText } from './tasks-text.ts';

interface BulkBarProps {
  readonly ids: readonly string[];
  readonly onSelectAll: (() => void) | undefined;
}

/** What can be done with the tasks that are selected. */
export const BulkBar = ({ ids, onSelectAll }: BulkBarProps) => {
  const t = useText(tasksText);
  const a = useText(actionsText);
  return (
    <section className="bulk" aria-label={t.bulk}>
      <span className="bulk-count" role="status">
        {t.selected(ids.length)}
      </span>
      <Button look="plain" icon="pause" onClick={() => void setPaused(ids, true)}>
        {a.pause}
      </Button>
      <Button look="plain" icon="resume" onClick={() => void setPaused(ids, false)}>
        {a.resume}
      </Button>
      <Button look="plain" icon="fill" onClick={() => void fill(ids)}>
        {a.fill}
      </Button>
      <Button look="plain" icon="down" onClick={() => exportTasks(ids)}>
        {a.export}
      </Button>
      <Button
        look="danger"
        className="bulk-remove"
        icon="trash"
        onClick={() => {
          remove(ids);
          clearSelection();
        }}
      >
        {a.remove}
      </Button>
      <Button look="danger" className="bulk-remove" onClick={() => ask({ what: 'remove', ids })}>
        {a.removeWith}
      </Button>
      {onSelectAll !== undefined && (
        <Button look="plain" onClick={onSelectAll}>
          {t.selectAll}
        </Button>
      )}
      <IconButton icon="close" label={t.clear} onClick={clearSelection} />
    </section>
  );
};
