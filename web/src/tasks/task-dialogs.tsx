import { useId, useState } from 'react';
import { useLocation } from 'wouter';

import { tasks } from '../data/live.ts';
import { useWatched } from '../data/watched.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { actionsText } from './actions-text.ts';
import { asked, asksNothing } from './asked.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { PlayerDialog } from './player-dialog.tsx';
import { clearCache, remove, removeWithCache } from './task-actions.ts';
import { taskName } from './task-name.ts';

/** The dialog that was asked for on the list or on the page of a task. */
export const TaskDialogs = () => {
  const what = useWatched(asked);
  switch (what?.what) {
    case 'play':
      return <PlayerDialog id={what.id} />;
    case 'remove':
      return <RemoveDialog ids={what.ids} />;
    case 'clear':
      return <ClearDialog id={what.id} />;
    case 'keys':
      return <KeysDialog />;
    case undefined:
      return null;
  }
};

const RemoveDialog = ({ ids }: { readonly ids: readonly string[] }) => {
  const t = useText(actionsText);
  const [withCache, setWithCache] = useState(true);
  const [path, navigate] = useLocation();
  const box = useId();
  const name = ids.length === 1 ? tasks.get(ids[0] ?? '') : undefined;
  const act = (): void => {
    asksNothing();
    if (withCache) void removeWithCache(ids);
    else remove(ids);
    if (path !== '/') navigate('/');
  };
  return (
    <Dialog
      title={t.removeTitle(ids.length)}
      onClose={asksNothing}
      actions={
        <>
          <Button onClick={asksNothing}>{t.cancel}</Button>
          <Button look="danger" icon="trash" onClick={act}>
            {t.remove}
          </Button>
        </>
      }
    >
      {name !== undefined && <p className="wrap">{taskName(name)}</p>}
      <p className="muted">{t.removeWords}</p>
      <label className="check" htmlFor={box}>
        <input id={box} type="checkbox" checked={withCache} onChange={({ target }) => setWithCache(target.checked)} />
        {t.alsoCache}
      </label>
    </Dialog>
  );
};

const ClearDialog = ({ id }: { readonly id: string }) => {
  const t = useText(actionsText);
  const task = tasks.get(id);
  return (
    <Dialog
      title={t.clearTitle}
      onClose={asksNothing}
      actions={
        <>
          <Button onClick={asksNothing}>{t.cancel}</Button>
          <Button
            look="danger"
            icon="trash"
            onClick={() => {
              asksNothing();
              void clearCache(id);
            }}
          >
            {t.clearTitle.replace(/[?？]$/, '')}
          </Button>
        </>
      }
    >
      <p className="wrap">{t.clearWords(task === undefined ? id : taskName(task))}</p>
    </Dialog>
  );
};
