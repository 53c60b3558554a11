import { useQuery } from '@tanstack/react-query';

import type { WireConfig } from '../../../src/server/api-types.ts';
import { formApi } from '../data/form-api.ts';
import { useText } from '../text/text.ts';
import { Switch } from '../ui/field.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { formText } from './form-text.ts';
import { PluginFields } from './plugin-fields.tsx';

type Use = WireConfig['plugins'][number];

/** The plugins of the server, asked for once. */
export const usePlugins = () => useQuery({ queryKey: ['plugins'], queryFn: ({ signal }) => formApi.plugins(signal) });

interface PluginsEditorProps {
  readonly uses: readonly Use[];
  readonly error: string | undefined;
  readonly onChange: (uses: readonly Use[]) => void;
}

/** Which plugins a task uses, each with the form that it describes. */
export const PluginsEditor = ({ uses, error, onChange }: PluginsEditorProps) => {
  const t = useText(formText);
  const { data, error: failure, refetch } = usePlugins();
  if (data === undefined) return failure === null ? <Loading /> : <Failed error={failure} onRetry={() => void refetch()} />;
  const set = (use: Use): void =>
    onChange(uses.some(({ id }) => id === use.id) ? uses.map((other) => (other.id === use.id ? use : other)) : [...uses, use]);
  // What a task uses may be gone from the server: it is shown all the same, so that it can be switched off.
  const strange = uses.filter(({ id }) => !data.some((plugin) => plugin.id === id));
  return (
    <div className="plugins">
      {data.length === 0 && strange.length === 0 && <p className="muted">{t.noPlugins}</p>}
      {data.map(({ id, name, description, task_fields, default_task }) => {
        const use = uses.find((one) => one.id === id) ?? { id, enabled: false, config: default_task };
        return (
          <div key={id} className="plugin">
            <Switch label={<strong>{name}</strong>} checked={use.enabled} onChange={(enabled) => set({ ...use, enabled })} />
            <p className="hint">{description}</p>
            {use.enabled && (
              <PluginFields
                fields={task_fields}
                values={(use.config ?? {}) as Readonly<Record<string, unknown>>}
                onChange={(config) => set({ ...use, config })}
              />
            )}
          </div>
        );
      })}
      {strange.map((use) => (
        <div key={use.id} className="plugin">
          <Switch label={use.id} checked={use.enabled} onChange={(enabled) => set({ ...use, enabled })} />
        </div>
      ))}
      {error !== undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
};
