import { useEffect, useRef, useState } from 'react';

import type { Probe } from '../../../src/server/api-types.ts';
import { api, type ConfigDraft } from '../data/api.ts';
import { bytesFigure, textOfFigure } from '../text/numbers.ts';
import { useText } from '../text/text.ts';
import { Button } from '../ui/button.tsx';
import { wordsOf } from '../ui/toast.tsx';
import { formText } from './form-text.ts';

interface Answered {
  readonly url: string;
  readonly volume: number;
  readonly probe: Probe;
}

interface Found {
  readonly whole: Probe;
  readonly each: readonly Answered[];
  readonly all: number;
}

/** Most URLs that are asked one by one, and at once. */
const most = 24;
const atOnce = 4;

interface ProbeProps {
  readonly config: ConfigDraft;
  readonly volumes: readonly (readonly string[])[];
  readonly onName: (name: string) => void;
}

/** Asks the sources what they have, each mirror by itself, and says whether they agree. */
export const ProbePart = ({ config, volumes, onName }: ProbeProps) => {
  const t = useText(formText);
  const [found, setFound] = useState<Found>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const asked = useRef<AbortController>(undefined);
  useEffect(() => () => asked.current?.abort(), []);
  const run = async (): Promise<void> => {
    asked.current?.abort();
    const controller = new AbortController();
    asked.current = controller;
    setBusy(true);
    setError(undefined);
    try {
      const result = await probeAll(config, volumes, controller.signal);
      setFound(result);
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure);
    }
    setBusy(false);
  };
  return (
    <section className="form-part probe" aria-label={t.probe} aria-live="polite">
      <div className="probe-head">
        <Button disabled={volumes.length === 0 || isBusy} onClick={() => void run()}>
          {isBusy ? t.probing : t.probe}
        </Button>
        <span className="muted">{t.probeHint}</span>
      </div>
      {error !== undefined && (
        <p className="form-error" role="alert">
          {wordsOf(error)}
        </p>
      )}
      {found !== undefined && error === undefined && <Facts found={found} onName={onName} />}
    </section>
  );
};

const probeAll = async ({ headers, host_mappings }: ConfigDraft, volumes: ProbeProps['volumes'], signal: AbortSignal): Promise<Found> => {
  const beside = { headers, host_mappings };
  const whole = await api.probe({ ...beside, volumes }, signal);
  const urls = volumes.flatMap((mirrors, volume) => (mirrors.length < 2 ? [] : mirrors.map((url) => ({ url, volume }))));
  const waiting = urls.slice(0, most);
  const each: Answered[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      each.push({ ...next, probe: await api.probe({ ...beside, volumes: [[next.url]] }, signal) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const place = (url: string): number => urls.findIndex((one) => one.url === url);
  return { whole, each: each.sort((one, other) => place(one.url) - place(other.url)), all: urls.length };
};

const Facts = ({ found: { whole, each, all }, onName }: { readonly found: Found; readonly onName: (name: string) => void }) => {
  const t = useText(formText);
  const name = whole.suggested_filename ?? whole.detected_filename;
  const length = (bytes: number | null): string =>
    bytes === null ? t.unknown : `${textOfFigure(bytesFigure(bytes))} (${bytes.toLocaleString('en')} B)`;
  return (
    <>
      {whole.error !== null && (
        <p className="form-error" role="alert">
          {whole.error}
        </p>
      )}
      <dl className="form-facts">
        <dt>{t.size}</dt>
        <dd>{length(whole.total_size)}</dd>
        <dt>{t.ranges}</dt>
        <dd>{whole.accepts_ranges ? t.rangesYes : t.rangesNo}</dd>
        <dt>{t.type}</dt>
        <dd>{whole.content_type ?? t.unknown}</dd>
        <dt>{t.fileName}</dt>
        <dd>
          {name ?? t.unknown}{' '}
          {name !== null && (
            <Button look="plain" onClick={() => onName(name)}>
              {t.useName}
            </Button>
          )}
        </dd>
      </dl>
      <Agreement each={each} />
      {all > each.length && <p className="muted">{t.someAsked(each.length, all)}</p>}
      {each.length > 0 && !agrees(each) && (
        <table className="agreement">
          <thead>
            <tr>
              <th scope="col">{t.sources}</th>
              <th scope="col">{t.size}</th>
              <th scope="col">{t.ranges}</th>
            </tr>
          </thead>
          <tbody>
            {each.map(({ url, probe }) => (
              <tr key={url}>
                <th scope="row">{url}</th>
                <td>{probe.error ?? length(probe.total_size)}</td>
                <td>{probe.accepts_ranges ? '✓' : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
};

const agrees = (each: readonly Answered[]): boolean =>
  each.every(
    ({ volume, probe }) =>
      probe.error === null && each.every((other) => other.volume !== volume || other.probe.total_size === probe.total_size),
  );

const Agreement = ({ each }: { readonly each: readonly Answered[] }) => {
  const t = useText(formText);
  if (each.length === 0) return <p className="muted">{t.oneMirror}</p>;
  return agrees(each) ? <p className="good">{t.agree(each.length)}</p> : <p className="form-error">{t.disagree}</p>;
};
