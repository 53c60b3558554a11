import { type ClipboardEvent, useState } from 'react';

import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Volume } from './draft.ts';
import { formText } from './form-text.ts';
import { useReorder } from './reorder.ts';
import type { Place } from './volumes.ts';

/** What a card asks of the editor. */
export interface VolumeActs {
  write(place: Place, text: string): void;
  step(place: Place, by: -1 | 1): void;
  stepVolume(at: number, by: -1 | 1): void;
  order(volume: string, keys: readonly string[]): void;
  removeMirror(place: Place): void;
  removeVolume(at: number): void;
  addMirror(at: number): void;
}

interface VolumeCardProps {
  readonly volume: Volume;
  readonly at: number;
  readonly last: number;
  /** What the server said of the sources. */
  readonly error: string | undefined;
  readonly acts: VolumeActs;
}

/** One volume: its mirrors in their order. */
export const VolumeCard = ({ volume, at, last, error, acts }: VolumeCardProps) => {
  const t = useText(formText);
  const name = t.volume(at + 1);
  const [isOpen, setOpen] = useState(last < 6 || volume.mirrors.every(({ url }) => url === ''));
  const list = useReorder(
    volume.mirrors.map(({ key }) => key),
    (keys) => acts.order(volume.key, keys),
    'mirror',
  );
  return (
    <li className="volume">
      <div className="volume-head">
        <span className="drag drag-volume" title={t.dragIt}>
          <Icon name="drag" />
        </span>
        <h3>{name}</h3>
        <span className="muted volume-url">{isOpen ? '' : volume.mirrors.map(({ url }) => url).join('  ')}</span>
        <IconButton
          icon={isOpen ? 'up' : 'down'}
          label={isOpen ? t.hideUrls : t.showUrls}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
        <span className="movers">
          <IconButton
            icon="up"
            id={`${volume.key}-up`}
            label={t.moveUp(name)}
            disabled={at === 0}
            onClick={() => acts.stepVolume(at, -1)}
          />
          <IconButton
            icon="down"
            id={`${volume.key}-down`}
            label={t.moveDown(name)}
            disabled={at === last}
            onClick={() => acts.stepVolume(at, 1)}
          />
        </span>
        <IconButton icon="trash" label={t.remove(name)} onClick={() => acts.removeVolume(at)} />
      </div>
      <ol className="mirrors" ref={list} hidden={!isOpen}>
        {volume.mirrors.map(({ key, url }, mirror) => (
          <MirrorRow
            key={key}
            id={key}
            url={url}
            place={{ volume: at, mirror }}
            count={volume.mirrors.length}
            last={last}
            error={error}
            acts={acts}
          />
        ))}
      </ol>
      {isOpen && (
        <Button look="plain" icon="plus" className="add-mirror" onClick={() => acts.addMirror(at)}>
          {t.addMirror}
        </Button>
      )}
    </li>
  );
};

interface MirrorRowProps {
  readonly id: string;
  readonly url: string;
  readonly place: Place;
  readonly count: number;
  readonly last: number;
  readonly error: string | undefined;
  readonly acts: VolumeActs;
}

const MirrorRow = ({ id, url, place, count, last, error, acts }: MirrorRowProps) => {
  const t = useText(formText);
  const name = t.mirrorOf(place.mirror + 1, place.volume + 1);
  const paste = (event: ClipboardEvent<HTMLInputElement>): void => {
    const text = event.clipboardData.getData('text/plain').trim();
    if (!text.includes('\n')) return;
    event.preventDefault();
    acts.write(place, text);
  };
  return (
    <li className="mirror">
      <span className="drag drag-mirror" title={t.dragIt}>
        <Icon name="drag" />
      </span>
      <input
        id={id}
        className="input"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        aria-label={name}
        placeholder="https://"
        value={url}
        aria-invalid={error !== undefined && url.trim() !== '' && error.includes(JSON.stringify(url.trim()))}
        onPaste={paste}
        onChange={({ target }) => acts.write(place, target.value)}
      />
      <span className="movers">
        <IconButton
          icon="up"
          id={`${id}-up`}
          label={t.moveUp(name)}
          disabled={place.mirror === 0 && place.volume === 0}
          onClick={() => acts.step(place, -1)}
        />
        <IconButton
          icon="down"
          id={`${id}-down`}
          label={t.moveDown(name)}
          disabled={place.mirror === count - 1 && place.volume === last}
          onClick={() => acts.step(place, 1)}
        />
      </span>
      <IconButton icon="close" label={t.remove(name)} onClick={() => acts.removeMirror(place)} />
    </li>
  );
};
