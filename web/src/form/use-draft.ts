import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { ConfigDraft } from '../data/api.ts';
import { formApi } from '../data/form-api.ts';
import { useText } from '../text/text.ts';
import { wordsOf } from '../ui/toast.tsx';
import { configOf, headersOf, type TaskDraft } from './draft.ts';
import { dropDraft, keepDraft, keptDraft } from './draft-store.ts';
import { formText } from './form-text.ts';
import { type Words, wordsByField } from './server-words.ts';
import { useSettled } from './settled.ts';

export type Change = Partial<TaskDraft> | ((before: TaskDraft) => TaskDraft);

/** A draft that outlives the page, and what the server says of it as it stands. */
export interface DraftState {
  readonly draft: TaskDraft;
  readonly text: string;
  /** What would be sent; undefined where the headers cannot be read. */
  readonly config: ConfigDraft | undefined;
  readonly words: Words;
  readonly isRestored: boolean;
  /** The task was edited since this was begun. */
  readonly isOvertaken: boolean;
  readonly isUnkept: boolean;
  change(change: Change): void;
  setText(text: string): void;
  /** Forgets it: it was sent, or is thrown away. */
  drop(): void;
  /** Begins anew. */
  discard(): void;
}

/** The draft that is kept as `name`, else `initial`. `plugins` are ids that the server's words may begin with. */
export const useDraft = (name: string, initial: TaskDraft, basis: number | null, plugins: readonly string[]): DraftState => {
  const t = useText(formText);
  const [kept] = useState(() => keptDraft(name));
  const [state, setState] = useState({
    draft: kept?.draft ?? initial,
    text: kept?.text ?? '',
    basis: kept === undefined ? basis : kept.basis,
  });
  const [isRestored, setRestored] = useState(kept !== undefined);
  const [isUnkept, setUnkept] = useState(false);
  const isTouched = useRef(false);
  useEffect(() => {
    if (isTouched.current) setUnkept(!keepDraft(name, state));
  }, [name, state]);
  const change = useCallback((what: Change): void => {
    isTouched.current = true;
    setState((before) => ({ ...before, draft: typeof what === 'function' ? what(before.draft) : { ...before.draft, ...what } }));
  }, []);
  const setText = useCallback((text: string): void => {
    isTouched.current = true;
    setState((before) => ({ ...before, text }));
  }, []);
  const drop = useCallback((): void => {
    isTouched.current = false;
    dropDraft(name);
  }, [name]);
  const { draft } = state;
  const headers = useMemo(() => headersOf(draft, t), [draft, t]);
  const config = useMemo(() => (typeof headers === 'string' ? undefined : configOf(draft, headers)), [draft, headers]);
  const said = useServerWords(config, plugins);
  const isNamed = draft.volumes.some(({ mirrors }) => mirrors.some(({ url }) => url.trim() !== ''));
  const words = useMemo((): Words => {
    const { volumes, ...rest } = said;
    const known = isNamed && volumes !== undefined ? said : rest;
    return typeof headers === 'string' ? { ...known, headers } : known;
  }, [said, isNamed, headers]);
  return {
    draft,
    text: state.text,
    config,
    words,
    isRestored,
    isOvertaken: isRestored && state.basis !== basis,
    isUnkept,
    change,
    setText,
    drop,
    discard: () => {
      drop();
      setRestored(false);
      setState({ draft: initial, text: '', basis });
    },
  };
};

/** What the server says of `config` while it is written. */
const useServerWords = (config: ConfigDraft | undefined, plugins: readonly string[]): Words => {
  const [words, setWords] = useState<Words>({});
  const asked = useSettled(config === undefined ? '' : JSON.stringify(config), 350);
  const ids = plugins.join('\n');
  useEffect(() => {
    if (asked === '') return;
    const controller = new AbortController();
    formApi.understand(asked, controller.signal).then(
      ({ refused: [refused] }) => setWords(refused === undefined ? {} : wordsByField(refused.error, ids.split('\n'))),
      (error: unknown) => {
        if (!controller.signal.aborted) setWords({ rest: wordsOf(error) });
      },
    );
    return () => controller.abort();
  }, [asked, ids]);
  return words;
};
