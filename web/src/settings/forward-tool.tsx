import { type FormEvent, useEffect, useRef, useState } from 'react';

import { type ForwardLine, formApi, type PluginInfo } from '../data/form-api.ts';
import { PluginFields } from '../form/plugin-fields.tsx';
import { bytesFigure, percentFigure, textOfFigure } from '../text/numbers.ts';
import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { toast, toastError, wordsOf } from '../ui/toast.tsx';
import { settingsText } from './settings-text.ts';

type Result = Extract<ForwardLine, { readonly type: 'result' }>;
type Progress = Extract<ForwardLine, { readonly type: 'progress' }>;
type Values = Readonly<Record<string, unknown>>;

const size = (bytes: number): string => textOfFigure(bytesFigure(bytes));

/** The tool of a plugin that makes files out of a file of the server's. */
export const ForwardTool = ({ plugin }: { readonly plugin: PluginInfo }) => {
  const t = useText(settingsText);
  const { id, name, forward_fields: fields, task_fields: secrets, default_task } = plugin;
  const [params, setParams] = useState<Values>(() => beginning(plugin));
  const [task, setTask] = useState<Values>(default_task);
  const [progress, setProgress] = useState<Progress>();
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<string>();
  const running = useRef<AbortController>(undefined);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const run = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    setProgress(undefined);
    setResult(undefined);
    setError(undefined);
    try {
      let isOver = false;
      for await (const line of formApi.forward(id, { task, params: filled(params) }, controller.signal)) {
        isOver = line.type !== 'progress';
        if (line.type === 'progress') setProgress(line);
        else if (line.type === 'result') setResult(line);
        else setError(line.error);
      }
      if (!isOver) setError(t.ended);
      // A secret that is used for two files protects neither: the next run gets its own.
      else setTask(default_task);
    } catch (failure) {
      setError(controller.signal.aborted ? t.stopped : wordsOf(failure));
    }
    setProgress(undefined);
    setBusy(false);
  };
  const encrypts = params.encrypt !== false;
  return (
    <details className="form-more tool">
      <summary>
        <h3>{t.tool(name)}</h3>
      </summary>
      <form className="form-part" noValidate onSubmit={(event) => void run(event)}>
        <p className="hint">{t.toolHint}</p>
        <PluginFields fields={fields} values={params} onChange={setParams} />
        {encrypts && (
          <PluginFields
            fields={secrets.map((field) => ({ ...field, required: field.required && params.generate_missing === false }))}
            values={task}
            mayMake
            onChange={setTask}
          />
        )}
        <div className="setting-foot">
          <Button type="submit" disabled={isBusy}>
            {t.run}
          </Button>
          {isBusy && <Button onClick={() => running.current?.abort()}>{t.stop}</Button>}
        </div>
        {progress !== undefined && (
          <div>
            <progress max={progress.bytes_total || 1} value={progress.bytes_done} aria-label={t.phases(progress.phase)} />
            <p className="number">
              {t.phases(progress.phase)} {textOfFigure(percentFigure(progress.bytes_done, progress.bytes_total))} ·{' '}
              {size(progress.bytes_done)} / {size(progress.bytes_total)}
            </p>
          </div>
        )}
        {error !== undefined && (
          <p className="form-error" role="alert">
            {error}
          </p>
        )}
        <div role="status">{result !== undefined && <Outcome result={result} />}</div>
      </form>
    </details>
  );
};

/** What is left empty is not said. */
const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== undefined));

const beginning = ({ forward_fields: fields }: PluginInfo): Values =>
  Object.fromEntries(fields.filter(({ kind }) => kind === 'boolean').map(({ key }) => [key, true]));

const Outcome = ({ result: { message, bytes_in, bytes_out, info } }: { readonly result: Result }) => {
  const t = useText(settingsText);
  const { volumes = [], ...rest } = info;
  return (
    <div className="form-part tool-files">
      <p className="good">{message}</p>
      <p className="number">
        {t.result(size(bytes_in), size(bytes_out))}, {t.volumes(volumes.length)}
      </p>
      <ul>
        {volumes.map(({ path, size: bytes }) => (
          <li key={path}>
            <code>{path}</code> <span className="muted">{size(bytes)}</span> <Copy text={path} what={path} />
          </li>
        ))}
      </ul>
      <dl className="form-facts">
        {Object.entries(rest)
          .filter(([, value]) => typeof value !== 'object')
          .map(([key, value]) => (
            <Info key={key} name={key} value={String(value)} />
          ))}
      </dl>
    </div>
  );
};

const Info = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>
      <code>{value}</code> <Copy text={value} what={name} />
    </dd>
  </>
);

const Copy = ({ text, what }: { readonly text: string; readonly what: string }) => {
  const t = useText(settingsText);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      toast(t.copied);
    } catch {
      toastError(new Error(t.uncopied));
    }
  };
  return <IconButton icon="copy" label={t.copy(what)} onClick={() => void copy()} />;
};
