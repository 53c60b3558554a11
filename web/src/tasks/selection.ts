import { Watched } from '../data/watched.ts';

/** Which tasks are chosen. `anchor` is where a range begins. */
export interface Chosen {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | undefined;
}

const nothing: Chosen = { ids: new Set(), anchor: undefined };

/** The tasks that are chosen in the list. */
export const selection: Watched<Chosen> = new Watched(nothing);

export const clearSelection = (): void => selection.set(nothing);

export const selectAll = (ids: readonly string[]): void => selection.set({ ids: new Set(ids), anchor: ids[0] });

/** `chosen` after a choice of `id` in `order`: `toggle` it alone, or all from the anchor to it. */
export const chose = (chosen: Chosen, order: readonly string[], id: string, how: 'toggle' | 'range'): Chosen => {
  const ids = new Set(chosen.ids);
  const from = chosen.anchor === undefined ? -1 : order.indexOf(chosen.anchor);
  const to = order.indexOf(id);
  if (how === 'toggle' || from < 0 || to < 0) {
    if (how === 'toggle' && ids.has(id)) ids.delete(id);
    else ids.add(id);
    return { ids, anchor: id };
  }
  for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(one);
  return { ids, anchor: chosen.anchor };
};

/** `chosen` without what is no longer in `order`. */
export const stillIn = (chosen: Chosen, order: readonly string[]): Chosen => {
  if (chosen.ids.size === 0) return chosen;
  const there = new Set(order);
  const ids = new Set([...chosen.ids].filter((id) => there.has(id)));
  return ids.size === chosen.ids.size ? chosen : { ids, anchor: chosen.anchor };
};
