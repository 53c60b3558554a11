import { useText } from '../text/text.ts';
import { Field, Switch, TextField } from '../ui/field.tsx';
import type { TaskDraft } from './draft.ts';
import { formText } from './form-text.ts';
import type { Words } from './server-words.ts';

interface FieldsProps {
  readonly draft: TaskDraft;
  readonly words: Words;
  readonly onChange: (change: Partial<TaskDraft>) => void;
}

/** What a task and its file are called. */
export const NameFields = ({ draft, words, onChange }: FieldsProps) => {
  const t = useText(formText);
  return (
    <>
      <div className="field-grid">
        <TextField
          label={t.name}
          hint={t.nameHint}
          error={words.name}
          value={draft.name}
          onChange={({ target }) => onChange({ name: target.value })}
        />
        <TextField
          label={t.outputName}
          hint={t.outputHint}
          error={words.output_filename}
          value={draft.output_filename}
          onChange={({ target }) => onChange({ output_filename: target.value, auto_filename: target.value === '' })}
        />
        <Choice
          label={t.disposition}
          error={words.content_disposition}
          options={t.dispositions}
          value={draft.content_disposition}
          onChange={(content_disposition) => onChange({ content_disposition })}
        />
      </div>
      <Switch label={t.autoName} checked={draft.auto_filename} onChange={(auto_filename) => onChange({ auto_filename })} />
    </>
  );
};

/** How fast, and by how many connections. */
export const TransferFields = ({ draft, words, volumes, onChange }: FieldsProps & { readonly volumes: number }) => {
  const t = useText(formText);
  const perVolume = Number(draft.max_per_volume.trim() || 4);
  const derived = Math.min(128, (Number.isInteger(perVolume) ? perVolume : 4) * Math.max(1, volumes));
  return (
    <div className="field-grid">
      <TextField
        label={t.perVolume}
        hint="1–128"
        error={words.max_per_volume}
        inputMode="numeric"
        placeholder="4"
        value={draft.max_per_volume}
        onChange={({ target }) => onChange({ max_per_volume: target.value })}
      />
      <TextField
        label={t.threads}
        hint={t.threadsHint(derived)}
        error={words.max_threads}
        inputMode="numeric"
        placeholder={String(derived)}
        value={draft.max_threads}
        onChange={({ target }) => onChange({ max_threads: target.value })}
      />
      <TextField
        label={t.split}
        hint={t.splitHint}
        error={words.max_split}
        placeholder={t.none}
        value={draft.max_split}
        onChange={({ target }) => onChange({ max_split: target.value })}
      />
      <TextField
        label={t.rate}
        hint={t.rateHint}
        error={words.rate_limit_bps}
        placeholder={t.none}
        value={draft.rate_limit_bps}
        onChange={({ target }) => onChange({ rate_limit_bps: target.value })}
      />
      <Choice
        label={t.algorithm}
        error={words.rate_limit_algorithm}
        options={t.algorithms}
        value={draft.rate_limit_algorithm}
        onChange={(rate_limit_algorithm) => onChange({ rate_limit_algorithm })}
      />
    </div>
  );
};

/** What stays. */
export const KeepingFields = ({ draft, onChange }: FieldsProps) => {
  const t = useText(formText);
  return (
    <>
      <Switch label={t.cache} checked={draft.cache} onChange={(cache) => onChange({ cache })} />
      <Switch label={t.persist} checked={draft.persist} onChange={(persist) => onChange({ persist })} />
    </>
  );
};

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly error?: string | undefined;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few. */
export const Choice = <Value extends string>({ label, error, options, value, onChange }: ChoiceProps<Value>) => (
  <Field label={label} error={error}>
    {(ids) => (
      <select {...ids} className="input" value={value} onChange={({ target }) => onChange(target.value as Value)}>
        {Object.entries<string>(options).map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    )}
  </Field>
);
