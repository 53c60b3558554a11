import { useState } from 'react';

import { useTask } from '../data/live.ts';
import { addressOf } from '../data/place.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { HeatStrip } from '../ui/heat-strip.tsx';
import { actionsText } from './actions-text.ts';
import { asksNothing } from './asked.ts';
import { copy } from './task-actions.ts';
import { mediaKind } from './task-facts.ts';
import { taskName, taskShare } from './task-name.ts';

/** Plays the file of a task; seeks by asking for the range it needs. */
export const PlayerDialog = ({ id }: { readonly id: string }) => {
  const t = useText(actionsText);
  const task = useTask(id);
  const [isBroken, setBroken] = useState(false);
  if (task === undefined) return null;
  const share = taskShare(task);
  // By the page's own address: what the link says may be another one, which the policy of the page forbids.
  const source = addressOf(`stream/${encodeURIComponent(id)}`);
  const shared = { src: source, controls: true, autoPlay: true, preload: 'metadata', onError: () => setBroken(true) } as const;
  return (
    <Dialog
      wide
      title={taskName(task)}
      onClose={asksNothing}
      actions={
        <Button icon="copy" onClick={() => void copy(task.proxy_url)}>
          {t.copyLink}
        </Button>
      }
    >
      {mediaKind(task) === 'audio' ? <audio className="player" {...shared} /> : <video className="player" {...shared} />}
      {share !== undefined && (
        <HeatStrip buckets={task.cache?.bitmap_summary ?? []} total={share.total} flowing={task.active_connections > 0} />
      )}
      <p className={isBroken ? 'broken-words' : 'muted'} role="status">
        {task.paused ? t.player.paused : isBroken ? t.player.failed : t.player.hint}
      </p>
    </Dialog>
  );
};
