import { type FormEvent, type ReactNode, useEffect, useState } from 'react';

import type { ConfigDraft } from '../data/api.ts';
import { ApiError } from '../data/api-error.ts';
import { useSettings } from '../data/queries.ts';
import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Switch } from '../ui/field.tsx';
import { wordsOf } from '../ui/toast.tsx';
import { type TaskDraft, volumesOf, withSaid } from './draft.ts';
import { formText } from './form-text.ts';
import { HeadersEditor } from './headers-editor.tsx';
import { Intake } from './intake.tsx';
import { MappingsEditor } from './mappings-editor.tsx';
import { PluginsEditor, usePlugins } from './plugins-editor.tsx';
import { ProbePart } from './probe.tsx';
import { type Words, wordsByField } from './server-words.ts';
import { KeepingFields, NameFields, TransferFields } from './task-fields.tsx';
import { useDraft } from './use-draft.ts';
import { VolumesEditor } from './volumes-editor.tsx';

interface TaskFormProps {
  readonly title: string;
  /** What the draft is kept as. */
  readonly name: string;
  readonly initial: TaskDraft;
  /** When the task that is edited was last edited; null where a task is made. */
  readonly basis: number | null;
  /** Sends it; rejects with what the server refused. */
  readonly onSubmit: (config: ConfigDraft, fill: boolean) => Promise<void>;
  readonly onClose: () => void;
}

/** All that can be said of a task. */
export const TaskForm = ({ title, name, initial, basis, onSubmit, onClose }: TaskFormProps) => {
  const t = useText(formText);
  const isNew = basis === null;
  const plugins = usePlugins().data?.map(({ id }) => id) ?? [];
  const state = useDraft(name, initial, basis, plugins);
  const { draft, config, change } = state;
  const { data: settings } = useSettings();
  const [isMany, setMany] = useState(false);
  const [fill, setFill] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  useEscape(onClose);
  // What was refused stands until what it was about is changed.
  const sent = config === undefined ? '' : JSON.stringify(config);
  const refused = refusal?.sent === sent ? refusal.words : {};
  const words: Words = { ...state.words, ...refused };
  const volumes = volumesOf(draft);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (config === undefined || isBusy) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      await onSubmit(config, fill);
      state.drop();
    } catch (error) {
      setRefusal({
        sent,
        words: error instanceof ApiError && !error.isOffline ? wordsByField(error.message, plugins) : { rest: wordsOf(error) },
      });
      setBusy(false);
    }
  };
  const count = Object.values(words).length;
  return (
    <form className="task-form" onSubmit={(event) => void submit(event)} noValidate>
      <header className="form-title">
        <h1>{title}</h1>
        <IconButton icon="close" label={t.close} aria-keyshortcuts="Escape" onClick={onClose} />
      </header>
      {state.isRestored && (
        <p className="form-note" role="status">
          <span>
            {t.restored} {state.isOvertaken && t.overtaken}
          </span>
          <Button onClick={state.discard}>{t.discard}</Button>
        </p>
      )}
      {state.isUnkept && (
        <p className="form-note" role="alert">
          {t.unkept}
        </p>
      )}
      <Intake
        text={state.text}
        label={isNew ? t.paste : t.pasteEdit}
        mayMakeMany={isNew}
        onText={state.setText}
        onSaid={(said) => change((before) => withSaid(before, said))}
        onMany={setMany}
        onDone={() => {
          state.drop();
          onClose();
        }}
      />
      {!isMany && (
        <>
          <VolumesEditor
            volumes={draft.volumes}
            error={words.volumes}
            onChange={(turn) => change((before) => ({ ...before, volumes: turn(before.volumes) }))}
          />
          {/* What was found holds for the URLs that were asked. */}
          <ProbePart
            key={JSON.stringify(volumes)}
            config={config ?? {}}
            volumes={volumes}
            onName={(found) => change({ output_filename: found, auto_filename: false })}
          />
          <More title={t.names} error={words.name ?? words.output_filename} isOpen={!isNew}>
            <NameFields draft={draft} words={words} onChange={change} />
          </More>
          <More title={t.transfer} error={words.max_threads ?? words.max_per_volume ?? words.max_split ?? words.rate_limit_bps}>
            <TransferFields draft={draft} words={words} volumes={volumes.length} onChange={change} />
          </More>
          <More title={t.request} error={words.headers ?? words.host_mappings}>
            <HeadersEditor draft={draft} error={words.headers} onChange={change} />
            <MappingsEditor
              rows={draft.host_mappings}
              error={words.host_mappings}
              hosts={hostsOf(volumes)}
              scope="task"
              inherited={settings?.host_mappings ?? []}
              onChange={(host_mappings) => change({ host_mappings })}
            />
          </More>
          <More title={t.keeping}>
            <KeepingFields draft={draft} words={words} onChange={change} />
          </More>
          <More title={t.plugins} error={words.plugins}>
            <PluginsEditor uses={draft.plugins} error={words.plugins} onChange={(uses) => change({ plugins: uses })} />
          </More>
          <footer className="form-foot">
            {words.rest !== undefined && (
              <p className="form-error" role="alert">
                {t.refused} {words.rest}
              </p>
            )}
            {isNew && <Switch label={t.fillNow} checked={fill} onChange={setFill} />}
            <Button
              onClick={() => {
                state.drop();
                state.discard();
                onClose();
              }}
            >
              {t.discard}
            </Button>
            <Button
              look="primary"
              type="submit"
              disabled={isBusy || config === undefined || volumes.length === 0 || (count > 0 && refusal?.sent === sent)}
            >
              {isBusy ? t.busy : isNew ? t.create : t.save}
            </Button>
          </footer>
        </>
      )}
    </form>
  );
};

interface Refusal {
  readonly sent: string;
  readonly words: Words;
}

interface MoreProps {
  readonly title: string;
  readonly error?: string | undefined;
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}

/** A part of the form that is folded away unless something is wrong in it. */
const More = ({ title, error, isOpen = false, children }: MoreProps) => {
  const [open, setOpen] = useState(isOpen);
  return (
    <details className="form-more" open={open || error !== undefined} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div className="form-part">{children}</div>
    </details>
  );
};

const hostsOf = (volumes: readonly (readonly string[])[]): readonly string[] => [
  ...new Set(volumes.flat().flatMap((url) => (URL.canParse(url) ? [new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')] : []))),
];

/** Esc closes, unless it closes something smaller. */
const useEscape = (onClose: () => void): void => {
  useEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector('dialog[open], :popover-open') === null) onClose();
    };
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, [onClose]);
};
