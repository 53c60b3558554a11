import { Watched } from '../data/watched.ts';

/** Tasks that are deleted unless somebody undoes it: out of sight already. */
export const leaving: Watched<ReadonlySet<string>> = new Watched<ReadonlySet<string>>(new Set());

/** Takes `ids` out of sight, or brings them back. */
export const setLeaving = (ids: readonly string[], isLeaving: boolean): void => {
  const all = new Set(leaving.value);
  for (const id of ids) {
    if (isLeaving) all.add(id);
    else all.delete(id);
  }
  leaving.set(all);
};
