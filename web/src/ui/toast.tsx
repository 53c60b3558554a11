/* Short news at the foot of the page. */
import { useEffect } from 'react';

import { ApiError } from '../data/api-error.ts';
import { useWatched, Watched } from '../data/watched.ts';
import { shellText } from '../text/shell-text.ts';
import { say, useText } from '../text/text.ts';
import { Button, IconButton } from './button.tsx';

interface Note {
  readonly id: number;
  readonly kind: 'done' | 'broken';
  readonly words: string;
  readonly undo?: () => void;
  readonly seconds: number;
  /** Is called when its time is over and nobody undid it. */
  readonly over?: () => void;
}

const notes = new Watched<readonly Note[]>([]);
const most = 4;
let last = 0;

const add = (note: Omit<Note, 'id'>): void => {
  const all = [...notes.value, { ...note, id: ++last }];
  for (const gone of all.slice(0, -most)) gone.over?.();
  notes.set(all.slice(-most));
};

const remove = (note: Note): void => notes.set(notes.value.filter(({ id }) => id !== note.id));

/** Says that something was done. */
export const toast = (words: string): void => add({ kind: 'done', words, seconds: 4 });

/** Says what went wrong, in the server's words. */
export const toastError = (error: unknown): void => add({ kind: 'broken', words: wordsOf(error), seconds: 12 });

/** Says that something is done; `act` does it after ten seconds, or when the page is left, unless `undo` was asked for. */
export const toastUndo = (words: string, act: () => void, undo: () => void): void => {
  let settled = false;
  const settle = (how: () => void): void => {
    removeEventListener('pagehide', over);
    if (!settled) how();
    settled = true;
  };
  const over = (): void => settle(act);
  addEventListener('pagehide', over);
  add({ kind: 'done', words, seconds: 10, over, undo: () => settle(undo) });
};

/** What is to be said about `error`. */
export const wordsOf = (error: unknown): string => {
  const t = say(shellText);
  if (error instanceof ApiError) return error.isOffline ? t.unreached : error.message;
  return error instanceof Error && error.message !== '' ? error.message : t.failed;
};

const Shown = ({ note }: { readonly note: Note }) => {
  const t = useText(shellText);
  useEffect(() => {
    const timer = setTimeout(() => {
      note.over?.();
      remove(note);
    }, note.seconds * 1000);
    return () => clearTimeout(timer);
  }, [note]);
  return (
    <li className={`toast ${note.kind}`}>
      <span>{note.words}</span>
      {note.undo !== undefined && (
        <Button
          look="plain"
          onClick={() => {
            note.undo?.();
            remove(note);
          }}
        >
          {t.undo}
        </Button>
      )}
      <IconButton
        icon="close"
        label={t.close}
        onClick={() => {
          note.over?.();
          remove(note);
        }}
      />
    </li>
  );
};

/** Where the news are shown and read aloud. */
export const Toasts = () => {
  const t = useText(shellText);
  const shown = useWatched(notes);
  return (
    <section className="toasts" aria-label={t.messages} aria-live="polite">
      <ul>
        {shown.map((note) => (
          <Shown key={note.id} note={note} />
        ))}
      </ul>
    </section>
  );
};
