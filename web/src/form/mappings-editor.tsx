import { useId, useState } from 'react';

import type { HostFactsInfo, SettingsInfo } from '../../../src/server/api-types.ts';
import { api } from '../data/api.ts';
import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Switch } from '../ui/field.tsx';
import { wordsOf } from '../ui/toast.tsx';
import { type MappingRow, mappingRow, mappingsOf } from './draft.ts';
import { formText } from './form-text.ts';

interface MappingsEditorProps {
  readonly rows: readonly MappingRow[];
  readonly error: string | undefined;
  /** Hosts that the URLs name. */
  readonly hosts: readonly string[];
  /** `global`: these are all there are; `task`: they stand over those of the settings. */
  readonly scope: 'task' | 'global';
  readonly inherited?: SettingsInfo['host_mappings'];
  readonly onChange: (rows: readonly MappingRow[]) => void;
}

/** Where requests for a host go instead; each row can be tried as it is written. */
export const MappingsEditor = ({ rows, error, hosts, scope, inherited = [], onChange }: MappingsEditorProps) => {
  const t = useText(formText);
  const id = useId();
  const set = (key: string, change: Partial<MappingRow>): void =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...change } : row)));
  const shown = inherited.filter(({ enabled }) => enabled);
  return (
    <fieldset className="rows">
      <legend>{t.mappings}</legend>
      <p className="hint">{t.mappingsHint}</p>
      <datalist id={id}>
        {hosts.map((host) => (
          <option key={host} value={host} />
        ))}
      </datalist>
      {rows.map((row) => (
        <MappingEdit
          key={row.key}
          row={row}
          list={id}
          host={testHost(row.from, hosts)}
          mappings={mappingsOf(rows)}
          scope={scope}
          onChange={(change) => set(row.key, change)}
          onRemove={() => onChange(rows.filter(({ key }) => key !== row.key))}
        />
      ))}
      {error !== undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <div>
        <Button look="plain" icon="plus" onClick={() => onChange([...rows, mappingRow(rows.length === 0 ? hosts[0] : '')])}>
          {t.addMapping}
        </Button>
      </div>
      {shown.length > 0 && (
        <div className="muted">
          {t.mappingsGlobal}
          <ul className="inherited">
            {shown.map(({ from, to }) => (
              <li key={`${from} ${to}`}>
                <code>
                  {from} → {to}
                </code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
};

/** A host that `from` speaks of: for a pattern one of the URLs', or one below it. */
const testHost = (from: string, hosts: readonly string[]): string => {
  const plain = from.trim().toLowerCase();
  if (!plain.startsWith('*.')) return plain;
  return hosts.find((host) => host.endsWith(plain.slice(1))) ?? `www${plain.slice(1)}`;
};

interface MappingEditProps {
  readonly row: MappingRow;
  readonly list: string;
  readonly host: string;
  readonly mappings: SettingsInfo['host_mappings'];
  readonly scope: 'task' | 'global';
  readonly onChange: (change: Partial<MappingRow>) => void;
  readonly onRemove: () => void;
}

const MappingEdit = ({ row, list, host, mappings, scope, onChange, onRemove }: MappingEditProps) => {
  const t = useText(formText);
  const [facts, setFacts] = useState<HostFactsInfo>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    setFacts(undefined);
    try {
      setFacts(await api.resolve({ host, mappings, scope }));
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <div>
      <div className="row-edit mapping-edit">
        <input
          className="input"
          list={list}
          spellCheck={false}
          autoComplete="off"
          aria-label={t.from}
          placeholder="cdn.example, *.example"
          value={row.from}
          onChange={({ target }) => onChange({ from: target.value })}
        />
        <span aria-hidden="true">→</span>
        <input
          className="input"
          spellCheck={false}
          autoComplete="off"
          aria-label={t.to}
          placeholder="203.0.113.7, other.example:8443"
          value={row.to}
          onChange={({ target }) => onChange({ to: target.value })}
        />
        <Switch label={t.on} checked={row.enabled} onChange={(enabled) => onChange({ enabled })} />
        <Button disabled={host === '' || isBusy} onClick={() => void test()}>
          {isBusy ? t.testing : t.test}
        </Button>
        <IconButton icon="close" label={t.remove(row.from || t.mappings)} onClick={onRemove} />
      </div>
      <div role="status">
        {facts !== undefined && (
          <p className="hint">
            {t.testOf(facts.host)}
            <strong>{facts.mapped_to ?? t.unmapped}</strong>
            {facts.addresses.length > 0 && ` (${facts.addresses.join(', ')})`}, {t.resolver(facts.resolver)}
            {facts.proxy_env !== null && `; ${t.proxy(facts.proxy_env)}`}
          </p>
        )}
        {typeof facts?.error === 'string' && <p className="form-error">{facts.error}</p>}
        {error !== undefined && <p className="form-error">{wordsOf(error)}</p>}
      </div>
    </div>
  );
};
