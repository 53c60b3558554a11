import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { type HeaderRow, headerRow, rawHeaders, type TaskDraft } from './draft.ts';
import { formText } from './form-text.ts';

interface HeadersEditorProps {
  readonly draft: TaskDraft;
  readonly error: string | undefined;
  readonly onChange: (change: Partial<TaskDraft>) => void;
}

const usual = ['Referer', 'Cookie', 'User-Agent', 'Authorization', 'Origin'];

/** Headers as rows, or as the JSON that they are; one becomes the other. */
export const HeadersEditor = ({ draft, error, onChange }: HeadersEditorProps) => {
  const t = useText(formText);
  const { headers, rawHeaders: raw } = draft;
  const parsed = raw === null ? undefined : rawHeaders(raw);
  const asForm = (): void => {
    const rows = Object.entries(parsed ?? {}).map(([name, value]) =>
      headerRow(name, typeof value === 'string' ? value : JSON.stringify(value)),
    );
    onChange({ headers: rows, rawHeaders: null });
  };
  const asJson = (): void => {
    const rows = headers
      .filter(({ name, value }) => name.trim() + value.trim() !== '')
      .map(({ name, value }) => [name.trim(), value.trim()]);
    onChange({ rawHeaders: JSON.stringify(Object.fromEntries(rows), null, 2) });
  };
  const set = (key: string, change: Partial<HeaderRow>): void =>
    onChange({ headers: headers.map((row) => (row.key === key ? { ...row, ...change } : row)) });
  return (
    <fieldset className="rows">
      <legend>{t.headers}</legend>
      <div className="rows-head">
        <span className="hint">{t.headersHint}</span>
        <Button look="plain" disabled={raw !== null && parsed === undefined} onClick={raw === null ? asJson : asForm}>
          {raw === null ? t.asJson : t.asForm}
        </Button>
      </div>
      {raw === null ? (
        <>
          <datalist id="usual-headers">
            {usual.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          {headers.map(({ key, name, value }) => (
            <div className="row-edit header-edit" key={key}>
              <input
                className="input"
                list="usual-headers"
                spellCheck={false}
                aria-label={t.headerName}
                placeholder={t.headerName}
                value={name}
                onChange={({ target }) => set(key, { name: target.value })}
              />
              <input
                className="input"
                spellCheck={false}
                autoComplete="off"
                aria-label={`${t.headerValue}: ${name}`}
                placeholder={t.headerValue}
                value={value}
                onChange={({ target }) => set(key, { value: target.value })}
              />
              <IconButton
                icon="close"
                label={t.remove(name || t.headers)}
                onClick={() => onChange({ headers: headers.filter((row) => row.key !== key) })}
              />
            </div>
          ))}
          {error !== undefined && (
            <p className="form-error" role="alert">
              {error}
            </p>
          )}
          <div>
            <Button look="plain" icon="plus" onClick={() => onChange({ headers: [...headers, headerRow()] })}>
              {t.addHeader}
            </Button>
          </div>
        </>
      ) : (
        <Field label={t.asJson} error={error}>
          {(ids) => (
            <textarea
              {...ids}
              className="input code"
              rows={Math.min(12, Math.max(4, raw.split('\n').length))}
              spellCheck={false}
              value={raw}
              onChange={({ target }) => onChange({ rawHeaders: target.value })}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
};
