import { useEffect, useRef, useState } from 'react';

import { formApi, type ImportedTasks, type Understood } from '../data/form-api.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { toast, wordsOf } from '../ui/toast.tsx';
import type { Said } from './draft.ts';
import { formText } from './form-text.ts';
import { useSettled } from './settled.ts';

/** What several URLs are to one another. */
type Meaning = 'mirrors' | 'volumes' | 'tasks';

interface IntakeProps {
  readonly text: string;
  /** Whether what is pasted may be several tasks, which are then made at once. */
  readonly mayMakeMany: boolean;
  readonly label: string;
  readonly onText: (text: string) => void;
  /** It is one task, and says this. */
  readonly onSaid: (said: Said) => void;
  /** It is several: the form is not what is sent. */
  readonly onMany: (isMany: boolean) => void;
  /** All of them are made. */
  readonly onDone: () => void;
}

/** One field that takes anything; the server says what it is while it is typed. */
export const Intake = ({ text, mayMakeMany, label, onText, onSaid, onMany, onDone }: IntakeProps) => {
  const t = useText(formText);
  const [answer, setAnswer] = useState<{ readonly of: string; readonly understood: Understood }>();
  const [error, setError] = useState<unknown>();
  const [meaning, setMeaning] = useState<Meaning>('mirrors');
  const settled = useSettled(text, 300);
  // What was in the field when the page came is in the draft already, and may have been changed there.
  const done = useRef(text);
  const tell = useRef({ onSaid, onMany });
  useEffect(() => {
    tell.current = { onSaid, onMany };
  });
  useEffect(() => {
    setError(undefined);
    if (settled.trim() === '') {
      setAnswer(undefined);
      done.current = settled;
      return tell.current.onMany(false);
    }
    const controller = new AbortController();
    formApi.understand(settled, controller.signal).then(
      (understood) => setAnswer({ of: settled, understood }),
      (failure: unknown) => {
        if (!controller.signal.aborted) setError(failure);
      },
    );
    return () => controller.abort();
  }, [settled]);
  // What was said of an earlier text is nothing about this one.
  const understood = answer?.of === settled ? answer.understood : undefined;
  const urls = understood?.kind === 'urls' ? (understood.tasks[0]?.volumes ?? []).flat() : [];
  const isMany =
    understood !== undefined && (understood.tasks.length + understood.refused.length > 1 || (urls.length > 1 && meaning === 'tasks'));
  useEffect(() => {
    tell.current.onMany(isMany && mayMakeMany);
    const [said] = understood?.tasks ?? [];
    if (said === undefined || isMany || done.current === settled + meaning || done.current === settled) return;
    done.current = settled + meaning;
    tell.current.onSaid(urls.length > 1 && meaning === 'volumes' ? { ...said, volumes: urls.map((url) => [url]) } : said);
  }, [understood, isMany, mayMakeMany, meaning, settled, urls]);
  const first = understood?.tasks.length === 0 ? understood.refused[0]?.error : undefined;
  return (
    <section className="form-part intake">
      <Field label={label} hint={t.pasteHint} error={error === undefined ? first : wordsOf(error)}>
        {(ids) => (
          <textarea
            {...ids}
            className="input code"
            rows={Math.min(14, Math.max(4, text.split('\n').length + 1))}
            spellCheck={false}
            autoCapitalize="off"
            placeholder="https://"
            value={text}
            // biome-ignore lint/a11y/noAutofocus: it is what people come to this page for.
            autoFocus={mayMakeMany}
            onChange={({ target }) => onText(target.value)}
          />
        )}
      </Field>
      <div className="intake-foot">
        <FileButton onText={onText} />
        <div role="status" className="intake-said">
          {understood?.kind != null && understood.tasks.length > 0 && (
            <p>
              <strong>{t.understood(t.kinds[understood.kind], isMany && urls.length > 1 ? urls.length : understood.tasks.length)}</strong>{' '}
              {!isMany && t.taken}
            </p>
          )}
          {understood !== undefined && <Remarks outcome={understood} hidesOnly={first !== undefined} />}
        </div>
      </div>
      {urls.length > 1 && understood?.tasks[0]?.volumes?.length === 1 && (
        <Meanings value={meaning} mayMakeMany={mayMakeMany} onChange={setMeaning} />
      )}
      {isMany && mayMakeMany && understood !== undefined && understood.tasks.length > 0 && (
        <Many
          understood={understood}
          text={urls.length > 1 && meaning === 'tasks' ? JSON.stringify(urls.map((url) => ({ url, cache: true }))) : settled}
          onDone={onDone}
        />
      )}
    </section>
  );
};

const Meanings = ({
  value,
  mayMakeMany,
  onChange,
}: {
  readonly value: Meaning;
  readonly mayMakeMany: boolean;
  readonly onChange: (value: Meaning) => void;
}) => {
  const t = useText(formText);
  const options = (['mirrors', 'volumes', 'tasks'] as const).filter((option) => option !== 'tasks' || mayMakeMany);
  return (
    <fieldset className="choices">
      <legend>{t.meaning}</legend>
      {options.map((option) => (
        <label key={option} className="choice">
          <input type="radio" name="meaning" checked={value === option} onChange={() => onChange(option)} />
          {t.meanings[option]}
        </label>
      ))}
    </fieldset>
  );
};

const FileButton = ({ onText }: { readonly onText: (text: string) => void }) => {
  const t = useText(formText);
  const input = useRef<HTMLInputElement>(null);
  const [isBroken, setBroken] = useState(false);
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      onText(await file.text());
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  return (
    <div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.txt,.meta4,.metalink,.xml,.sh,.list"
        onChange={({ target }) => {
          void read(target.files?.[0]);
          target.value = '';
        }}
      />
      <Button onClick={() => input.current?.click()}>{t.openFile}</Button>
      {isBroken && <p className="form-error">{t.fileUnread}</p>}
    </div>
  );
};

const Remarks = ({
  outcome,
  hidesOnly = false,
}: {
  readonly outcome: Pick<Understood, 'refused' | 'notes' | 'skipped'>;
  readonly hidesOnly?: boolean;
}) => {
  const t = useText(formText);
  const refused = hidesOnly ? outcome.refused.slice(1) : outcome.refused;
  return (
    <ul className="remarks">
      {refused.map(({ index, error }) => (
        <li key={index} className="form-error">
          {t.refusedAt(index + 1, error)}
        </li>
      ))}
      {outcome.notes.map((note) => (
        <li key={note} className="muted">
          {note}
        </li>
      ))}
      {outcome.skipped > 0 && <li className="muted">{t.skipped(outcome.skipped)}</li>}
    </ul>
  );
};

const nameOf = ({ name, output_filename, volumes }: Said): string => name ?? output_filename ?? volumes?.[0]?.[0] ?? '';

interface ManyProps {
  readonly understood: Understood;
  readonly text: string;
  readonly onDone: () => void;
}

const Many = ({ understood, text, onDone }: ManyProps) => {
  const t = useText(formText);
  const [error, setError] = useState<unknown>();
  const [outcome, setOutcome] = useState<ImportedTasks>();
  const [isBusy, setBusy] = useState(false);
  const listed: readonly Said[] =
    understood.tasks.length > 1
      ? understood.tasks
      : (understood.tasks[0]?.volumes?.flat() ?? []).map((url): Said => ({ volumes: [[url]] }));
  const make = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await formApi.import(text);
      toast(t.createdAll(made.created.length));
      if (made.refused.length === 0) return onDone();
      setOutcome(made);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <div className="many">
      <ol>
        {listed.slice(0, 50).map((task, index) => (
          <li key={index}>{nameOf(task)}</li>
        ))}
        {listed.length > 50 && <li>…</li>}
      </ol>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {wordsOf(error)}
        </p>
      )}
      {outcome === undefined ? (
        <Button look="primary" disabled={isBusy} onClick={() => void make()}>
          {isBusy ? t.busy : t.createAll(listed.length)}
        </Button>
      ) : (
        <div role="alert">
          <p>
            {t.createdAll(outcome.created.length)}. {t.someRefused}
          </p>
          <Remarks outcome={outcome} />
        </div>
      )}
    </div>
  );
};
