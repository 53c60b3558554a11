/* What can be done to the volumes of a draft. */
import { type Mirror, mirrorOf, newKey, type Volume, volumeOf } from './draft.ts';

type Volumes = readonly Volume[];

/** Where something stands. */
export interface Place {
  readonly volume: number;
  readonly mirror: number;
}

/** `items` with the one at `from` at `to`. */
export const movedTo = <Item>(items: readonly Item[], from: number, to: number): readonly Item[] => {
  const [item] = items.slice(from, from + 1);
  if (item === undefined || to < 0 || to >= items.length) return items;
  const rest = items.toSpliced(from, 1);
  return rest.toSpliced(to, 0, item);
};

const change = (volumes: Volumes, at: number, mirrors: (before: readonly Mirror[]) => readonly Mirror[]): Volumes =>
  volumes.map((volume, index) => (index === at ? { ...volume, mirrors: mirrors(volume.mirrors) } : volume));

/** One step up or down; at the edge of a volume on into the next. */
export const stepped = (
  volumes: Volumes,
  { volume, mirror }: Place,
  step: -1 | 1,
): { readonly volumes: Volumes; readonly place: Place } => {
  const mirrors = volumes[volume]?.mirrors ?? [];
  const to = mirror + step;
  if (to >= 0 && to < mirrors.length) {
    return { volumes: change(volumes, volume, (before) => movedTo(before, mirror, to)), place: { volume, mirror: to } };
  }
  const other = volumes[volume + step]?.mirrors;
  const item = mirrors[mirror];
  if (other === undefined || item === undefined) return { volumes, place: { volume, mirror } };
  const place = { volume: volume + step, mirror: step === 1 ? 0 : other.length };
  const taken = change(volumes, volume, (before) => before.toSpliced(mirror, 1));
  return { volumes: change(taken, place.volume, (before) => before.toSpliced(place.mirror, 0, item)), place };
};

/** The URL at `place` written as `text`; several lines become several mirrors, what stands after a blank line the next volume. */
export const written = (volumes: Volumes, { volume, mirror }: Place, text: string): Volumes => {
  const blocks = text
    .split(/\n[ \t]*\r?\n/)
    .map((block) => block.split(/\r?\n/).map((line) => line.trim()))
    .map((lines) => lines.filter((line) => line !== ''))
    .filter((lines) => lines.length > 0);
  const [here = [], ...further] = blocks;
  const [first = text, ...rest] = here.length > 1 || further.length > 0 ? here : [text.replace(/[\r\n]+/g, '')];
  const changed = change(volumes, volume, (before) =>
    before.flatMap((row, index) => (index === mirror ? [{ ...row, url: first }, ...rest.map(mirrorOf)] : [row])),
  );
  return changed.toSpliced(volume + 1, 0, ...further.map(volumeOf));
};

/** Without the mirror at `place`; a volume without any keeps an empty one. */
export const withoutMirror = (volumes: Volumes, { volume, mirror }: Place): Volumes =>
  change(volumes, volume, (before) => (before.length === 1 ? [mirrorOf()] : before.toSpliced(mirror, 1)));

export const withMirror = (volumes: Volumes, volume: number): Volumes => change(volumes, volume, (before) => [...before, mirrorOf()]);

/** Without the volume at `at`; one is always left. */
export const withoutVolume = (volumes: Volumes, at: number): Volumes => (volumes.length === 1 ? [volumeOf()] : volumes.toSpliced(at, 1));

export const withVolume = (volumes: Volumes): Volumes => [...volumes, { key: newKey(), mirrors: [mirrorOf()] }];
