import { useEffect, useRef, useState } from 'react';

import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { type Mirror, type Volume, volumesOf } from './draft.ts';
import { formText } from './form-text.ts';
import { useReorder } from './reorder.ts';
import { type VolumeActs, VolumeCard } from './volume-card.tsx';
import { movedTo, stepped, withMirror, withoutMirror, withoutVolume, withVolume, written } from './volumes.ts';

interface VolumesEditorProps {
  readonly volumes: readonly Volume[];
  readonly error: string | undefined;
  readonly onChange: (change: (before: readonly Volume[]) => readonly Volume[]) => void;
}

/** Consecutive volumes, each with its mirrors; moved about by pointer and by buttons. */
export const VolumesEditor = ({ volumes, error, onChange }: VolumesEditorProps) => {
  const t = useText(formText);
  const [said, say] = useState('');
  const focused = useRef('');
  // A mirror that is dragged to another volume is gone from the one before it is in the other.
  const pool = useRef(new Map<string, Mirror>());
  for (const mirror of volumes.flatMap(({ mirrors }) => mirrors)) pool.current.set(mirror.key, mirror);
  const list = useReorder(
    volumes.map(({ key }) => key),
    (keys) => onChange((before) => keys.flatMap((key) => before.filter((volume) => volume.key === key))),
    'volume',
  );
  useEffect(() => {
    const button = document.getElementById(focused.current) as HTMLButtonElement | null;
    focused.current = '';
    // At the end of the way the button is off; its neighbour goes back.
    if (button?.disabled) (button.parentElement?.querySelector('button:not(:disabled)') as HTMLElement | null)?.focus();
    else button?.focus();
  });
  const acts: VolumeActs = {
    write: (place, text) => onChange((before) => written(before, place, text)),
    step: (place, by) => {
      const { place: to } = stepped(volumes, place, by);
      const { key = '' } = volumes[place.volume]?.mirrors[place.mirror] ?? {};
      focused.current = `${key}-${by < 0 ? 'up' : 'down'}`;
      say(t.moved('URL', to.mirror + 1) + (to.volume === place.volume ? '' : `, ${t.volume(to.volume + 1)}`));
      onChange((before) => stepped(before, place, by).volumes);
    },
    stepVolume: (at, by) => {
      focused.current = `${volumes[at]?.key}-${by < 0 ? 'up' : 'down'}`;
      say(t.moved(t.volume(at + 1), at + by + 1));
      onChange((before) => movedTo(before, at, at + by));
    },
    order: (key, keys) =>
      onChange((before) =>
        before.map((volume) => (volume.key === key ? { ...volume, mirrors: keys.flatMap((one) => pool.current.get(one) ?? []) } : volume)),
      ),
    removeMirror: (place) => onChange((before) => withoutMirror(before, place)),
    removeVolume: (at) => onChange((before) => withoutVolume(before, at)),
    addMirror: (at) => onChange((before) => withMirror(before, at)),
  };
  const counted = volumesOf({ volumes });
  return (
    <section className="form-part" aria-label={t.sources}>
      <header className="form-head">
        <h2>{t.sources}</h2>
        <span className="muted">{t.sourcesHint(counted.length, counted.flat().length)}</span>
      </header>
      <ol className="volumes" ref={list}>
        {volumes.map((volume, at) => (
          <VolumeCard key={volume.key} volume={volume} at={at} last={volumes.length - 1} error={error} acts={acts} />
        ))}
      </ol>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <p className="unseen" role="status">
        {said}
      </p>
      <div>
        <Button icon="plus" onClick={() => onChange(withVolume)}>
          {t.addVolume}
        </Button>
      </div>
    </section>
  );
};
