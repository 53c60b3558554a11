import { type FormEvent, type ReactNode, useId, useState } from 'react';

import { ApiError } from '../data/api-error.ts';
import { type Words, wordsByField } from '../form/server-words.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { toast, wordsOf } from '../ui/toast.tsx';
import { settingsText } from './settings-text.ts';

interface SettingProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** One part of the settings. */
export const Setting = ({ title, children }: SettingProps) => {
  const id = useId();
  return (
    <section className="setting" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
};

interface SavedProps {
  /** Whether there is anything to save. */
  readonly isChanged: boolean;
  /** Rejects with what the server refused. */
  readonly onSave: () => Promise<void>;
  /** The controls; they are given what the server said of them. */
  readonly children: (words: Words) => ReactNode;
}

/** Controls with a button that saves them; what is refused stands at the control, and what belongs to none above the button. */
export const Saved = ({ isChanged, onSave, children }: SavedProps) => {
  const t = useText(settingsText);
  const [words, setWords] = useState<Words>({});
  const [isBusy, setBusy] = useState(false);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSave();
      setWords({});
      toast(t.saved);
    } catch (error) {
      setWords(error instanceof ApiError && !error.isOffline ? wordsByField(error.message) : { rest: wordsOf(error) });
    }
    setBusy(false);
  };
  return (
    <form className="form-part" noValidate onSubmit={(event) => void save(event)}>
      {children(words)}
      {words.rest !== undefined && (
        <p className="form-error" role="alert">
          {words.rest}
        </p>
      )}
      <div className="setting-foot">
        <Button type="submit" disabled={!isChanged || isBusy}>
          {isBusy ? t.saving : t.save}
        </Button>
      </div>
    </form>
  );
};

interface SureProps {
  readonly words: string;
  readonly sure: string;
  /** Does it; what comes of it is said by the toast that it makes. */
  readonly onDo: () => Promise<void>;
}

/** A button for what cannot be undone: it asks once more, in its own place. */
export const Sure = ({ words, sure, onDo }: SureProps) => {
  const t = useText(settingsText);
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onDo();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
    setAsked(false);
  };
  return (
    <>
      <div className="setting-foot">
        {isAsked ? (
          <>
            <Button look="danger" disabled={isBusy} onClick={() => void act()}>
              {sure}
            </Button>
            <Button autoFocus onClick={() => setAsked(false)}>
              {t.cancel}
            </Button>
          </>
        ) : (
          <Button look="danger" onClick={() => setAsked(true)}>
            {words}
          </Button>
        )}
      </div>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {wordsOf(error)}
        </p>
      )}
    </>
  );
};
