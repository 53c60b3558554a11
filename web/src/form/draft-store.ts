/* Drafts of tasks outlive the page: each is kept until it is sent or thrown away. */
import type { TaskDraft } from './draft.ts';

/** A draft with what was pasted above it. */
export interface Kept {
  readonly draft: TaskDraft;
  readonly text: string;
  /** When the task was last edited that it changes. */
  readonly basis: number | null;
}

const prefix = 'hydrant.draft.';

/** The draft that was kept as `name`. */
export const keptDraft = (name: string): Kept | undefined => {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + name) ?? 'null') as Kept | null;
    return kept === null || !Array.isArray(kept.draft.volumes) ? undefined : kept;
  } catch {
    return undefined;
  }
};

/** Keeps `kept`; false where the browser refuses to. */
export const keepDraft = (name: string, kept: Kept): boolean => {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
};

export const dropDraft = (name: string): void => {
  try {
    localStorage.removeItem(prefix + name);
  } catch {
    // Where nothing may be kept, nothing is.
  }
};

/** Throws all drafts away: they may hold secrets. */
export const dropDrafts = (): void => {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name);
  } catch {
    // Where nothing may be kept, nothing is.
  }
};
