import type { PluginField } from '../data/form-api.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { Field, Switch } from '../ui/field.tsx';
import { formText } from './form-text.ts';

type Values = Readonly<Record<string, unknown>>;

interface PluginFieldsProps {
  readonly fields: readonly PluginField[];
  readonly values: Values;
  /** Whether random bytes may be made for fields that take them. */
  readonly mayMake?: boolean;
  readonly onChange: (values: Values) => void;
}

/** A form as its plugin describes it. */
export const PluginFields = ({ fields, values, mayMake = false, onChange }: PluginFieldsProps) => (
  <div className="field-grid">
    {fields.map((field) => (
      <One
        key={field.key}
        field={field}
        value={values[field.key]}
        mayMake={mayMake}
        onChange={(value) => onChange({ ...values, [field.key]: value })}
      />
    ))}
  </div>
);

interface OneProps {
  readonly field: PluginField;
  readonly value: unknown;
  readonly mayMake: boolean;
  readonly onChange: (value: unknown) => void;
}

const One = ({ field, value, mayMake, onChange }: OneProps) => {
  const t = useText(formText);
  const { label, hint, kind, required, options = [], generate_random_bytes: bytes } = field;
  const text = value === undefined || value === null ? '' : String(value);
  if (kind === 'boolean') {
    return (
      <div className="field">
        <Switch label={label} checked={value === true} onChange={onChange} />
        {hint !== undefined && <p className="hint">{hint}</p>}
      </div>
    );
  }
  return (
    <Field label={required ? `${label} *` : label} hint={hint}>
      {(ids) => {
        if (kind === 'select') {
          return (
            <select {...ids} className="input" value={text} onChange={({ target }) => onChange(target.value)}>
              {!required && !options.some((option) => option.value === '') && <option value="">{t.unset}</option>}
              {options.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
            </select>
          );
        }
        const rest = { ...ids, required, value: text, spellCheck: false, autoComplete: 'off' } as const;
        if (kind === 'text_area') {
          return <textarea {...rest} className="input" rows={4} onChange={({ target }) => onChange(target.value)} />;
        }
        const input = (
          <input
            {...rest}
            className={kind === 'hex' || kind === 'path' || kind === 'dir_path' ? 'input code' : 'input'}
            inputMode={kind === 'number' ? 'decimal' : 'text'}
            onChange={({ target }) => onChange(kind === 'number' ? numberOf(target.value) : target.value)}
          />
        );
        if (kind !== 'hex' || bytes === undefined || !mayMake) return input;
        return (
          <div className="with-button">
            {input}
            <Button onClick={() => onChange(randomHex(bytes))}>{t.random}</Button>
          </div>
        );
      }}
    </Field>
  );
};

/** A number; the text itself where it is none yet. */
const numberOf = (text: string): unknown =>
  text.trim() === '' || !Number.isFinite(Number(text)) || /[.-]$/.test(text) ? text : Number(text);

const randomHex = (bytes: number): string =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
