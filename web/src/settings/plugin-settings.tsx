import { useState } from 'react';

import { formApi, type PluginInfo } from '../data/form-api.ts';
import { queries } from '../data/live.ts';
import { PluginFields } from '../form/plugin-fields.tsx';
import { usePlugins } from '../form/plugins-editor.tsx';
import { useText } from '../text/text.ts';
import { Failed, Loading } from '../ui/states.tsx';
import { ForwardTool } from './forward-tool.tsx';
import { Saved, Setting } from './setting.tsx';
import { settingsText } from './settings-text.ts';

/** What holds for all uses of each plugin, and the tool of those that have one. */
export const PluginSettings = () => {
  const t = useText(settingsText);
  const { data, error, refetch } = usePlugins();
  return (
    <Setting title={t.plugins}>
      {data === undefined && (error === null ? <Loading /> : <Failed error={error} onRetry={() => void refetch()} />)}
      {data?.length === 0 && <p className="muted">{t.noPlugins}</p>}
      {data?.map((plugin) => (
        <div key={plugin.id} className="plugin">
          <h3>{plugin.name}</h3>
          <p className="hint">{plugin.description}</p>
          {plugin.global_fields.length > 0 && <GlobalForm plugin={plugin} />}
          {plugin.has_forward && <ForwardTool plugin={plugin} />}
        </div>
      ))}
    </Setting>
  );
};

const GlobalForm = ({ plugin }: { readonly plugin: PluginInfo }) => {
  const [typed, setTyped] = useState<Readonly<Record<string, unknown>>>();
  return (
    <Saved
      isChanged={typed !== undefined}
      onSave={async () => {
        await formApi.changeGlobal(plugin.id, typed ?? {});
        await queries.invalidateQueries({ queryKey: ['plugins'] });
        setTyped(undefined);
      }}
    >
      {() => (
        <PluginFields
          fields={plugin.global_fields}
          values={typed ?? ((plugin.global ?? {}) as Readonly<Record<string, unknown>>)}
          onChange={setTyped}
        />
      )}
    </Saved>
  );
};
