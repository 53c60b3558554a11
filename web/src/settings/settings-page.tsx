import '../style/form.css';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { SettingsInfo } from '../../../src/server/api-types.ts';
import { language } from '../choices/language.ts';
import { type Remembered, useRemembered } from '../choices/remembered.ts';
import { theme } from '../choices/theme.ts';
import { api } from '../data/api.ts';
import { formApi } from '../data/form-api.ts';
import { keys, queries, useTotals } from '../data/live.ts';
import { useSettings } from '../data/queries.ts';
import { type MappingRow, mappingRow, mappingsOf } from '../form/draft.ts';
import { dropDrafts } from '../form/draft-store.ts';
import { formText } from '../form/form-text.ts';
import { MappingsEditor } from '../form/mappings-editor.tsx';
import { exactSize } from '../form/sizes.ts';
import { Choice } from '../form/task-fields.tsx';
import { bytesFigure, textOfFigure } from '../text/numbers.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Bytes } from '../ui/number.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { PluginSettings } from './plugin-settings.tsx';
import { Saved, Setting, Sure } from './setting.tsx';
import { settingsText } from './settings-text.ts';

/** What holds for all tasks, and for this page. */
export const SettingsPage = () => {
  const t = useText(settingsText);
  const { data, error, refetch } = useSettings();
  return (
    <section className="settings" aria-label={t.title}>
      <h1>{t.title}</h1>
      {data === undefined && (error === null ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />)}
      {data !== undefined && (
        <>
          <Limits settings={data} />
          <Cache />
          <Mappings settings={data} />
          <Dns settings={data} />
          <PluginSettings />
          <Links />
        </>
      )}
      <Page />
      <Session />
    </section>
  );
};

interface PartProps {
  readonly settings: SettingsInfo;
}

const change = async (settings: Partial<Record<keyof SettingsInfo, unknown>>): Promise<void> => {
  queries.setQueryData(keys.settings, await api.changeSettings(settings));
};

const Limits = ({ settings }: PartProps) => {
  const t = useText(settingsText);
  const form = useText(formText);
  const [typed, setTyped] = useState<string>();
  const [chosen, setChosen] = useState<SettingsInfo['global_rate_limit_algorithm']>();
  return (
    <Setting title={t.limits}>
      <Saved
        isChanged={typed !== undefined || chosen !== undefined}
        onSave={async () => {
          await change({
            ...(typed !== undefined && { global_rate_limit_bps: typed.trim() || 0 }),
            ...(chosen !== undefined && { global_rate_limit_algorithm: chosen }),
          });
          setTyped(undefined);
          setChosen(undefined);
        }}
      >
        {(words) => (
          <div className="field-grid">
            <TextField
              label={t.rate}
              hint={t.rateHint}
              error={words.global_rate_limit_bps}
              placeholder={t.none}
              value={typed ?? exactSize(settings.global_rate_limit_bps)}
              onChange={({ target }) => setTyped(target.value)}
            />
            <Choice
              label={form.algorithm}
              error={words.global_rate_limit_algorithm}
              options={form.algorithms}
              value={chosen ?? settings.global_rate_limit_algorithm}
              onChange={setChosen}
            />
          </div>
        )}
      </Saved>
    </Setting>
  );
};

const Cache = () => {
  const t = useText(settingsText);
  const { now } = useTotals();
  return (
    <Setting title={t.cache}>
      <p>
        {t.cacheHolds} {now === undefined ? '–' : <Bytes value={now.cache_total_bytes} />}
      </p>
      <Sure
        words={t.clear}
        sure={t.clearSure}
        onDo={async () => {
          const { bytes_freed } = await api.clearAllCache();
          toast(t.cleared(textOfFigure(bytesFigure(bytes_freed))));
        }}
      />
    </Setting>
  );
};

const Mappings = ({ settings }: PartProps) => {
  const t = useText(settingsText);
  const saved = settings.host_mappings;
  const [rows, setRows] = useState<readonly MappingRow[]>();
  const [shown, setShown] = useState({ saved, rows: rowsOf(saved) });
  // Rows keep their keys while they are shown, and are new where somebody else has changed them.
  if (JSON.stringify(shown.saved) !== JSON.stringify(saved)) setShown({ saved, rows: rowsOf(saved) });
  return (
    <Setting title={t.mappings}>
      <Saved
        isChanged={rows !== undefined}
        onSave={async () => {
          await change({ host_mappings: mappingsOf(rows ?? []) });
          setRows(undefined);
        }}
      >
        {(words) => <MappingsEditor rows={rows ?? shown.rows} error={words.host_mappings} hosts={[]} scope="global" onChange={setRows} />}
      </Saved>
    </Setting>
  );
};

const rowsOf = (saved: SettingsInfo['host_mappings']): readonly MappingRow[] =>
  saved.map(({ from, to, enabled }) => mappingRow(from, to, enabled));

const Dns = ({ settings }: PartProps) => {
  const t = useText(settingsText);
  const [typed, setTyped] = useState<string>();
  return (
    <Setting title={t.dns}>
      <Saved
        isChanged={typed !== undefined}
        onSave={async () => {
          await change({ dns: typed?.trim() || null });
          setTyped(undefined);
        }}
      >
        {(words) => (
          <TextField
            label={t.dnsLabel}
            hint={t.dnsHint}
            error={words.dns}
            placeholder={t.system}
            value={typed ?? settings.dns ?? ''}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Saved>
    </Setting>
  );
};

const Links = () => {
  const t = useText(settingsText);
  return (
    <Setting title={t.links}>
      <p className="hint">{t.linksHint}</p>
      <Sure
        words={t.revoke}
        sure={t.revokeSure}
        onDo={async () => {
          await formApi.revokeLinks();
          toast(t.revoked);
        }}
      />
    </Setting>
  );
};

const Page = () => {
  const t = useText(settingsText);
  const shell = useText(shellText);
  return (
    <Setting title={t.page}>
      <div className="field-grid">
        <Remember label={t.theme} options={shell.themes} choice={theme} />
        <Remember label={t.language} options={{ en: 'English', zh: '中文' }} choice={language} />
      </div>
    </Setting>
  );
};

interface RememberProps<Value extends string> {
  readonly label: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly choice: Remembered<Value>;
}

const Remember = <Value extends string>({ label, options, choice }: RememberProps<Value>) => {
  const [value, choose] = useRemembered(choice);
  return <Choice label={label} options={options} value={value} onChange={choose} />;
};

const Session = () => {
  const t = useText(settingsText);
  const { data } = useQuery({ queryKey: ['token'], queryFn: ({ signal }) => formApi.hasToken(signal) });
  if (data !== true) return null;
  return (
    <Setting title={t.session}>
      <p className="hint">{t.logoutHint}</p>
      <div className="setting-foot">
        <Button
          onClick={() => {
            dropDrafts();
            void api.logout();
          }}
        >
          {t.logout}
        </Button>
      </div>
    </Setting>
  );
};
