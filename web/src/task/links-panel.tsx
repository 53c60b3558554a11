import { type FormEvent, useState } from 'react';

import type { LinkInfo } from '../../../src/server/api-types.ts';
import { language } from '../choices/language.ts';
import { api } from '../data/api.ts';
import { useWatched, Watched } from '../data/watched.ts';
import { copy } from '../tasks/task-actions.ts';
import { useText } from '../text/text.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { wordsOf } from '../ui/toast.tsx';
import { taskText } from './task-text.ts';

const expiries = [3600, 86_400, 604_800, 2_592_000, 31_536_000] as const;

/** Links that were made since the page was loaded, by task, the newest first. */
const made = new Watched<ReadonlyMap<string, readonly LinkInfo[]>>(new Map());

/** Makes links that end by themselves. */
export const LinksPanel = ({ id }: { readonly id: string }) => {
  const t = useText(taskText);
  const [expires, setExpires] = useState(86_400);
  const [most, setMost] = useState('');
  const [rate, setRate] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const link = await api.link(id, {
        expires_in: expires,
        ...(most.trim() !== '' && { max_bytes: most.trim() }),
        ...(rate.trim() !== '' && { rate_limit_bps: rate.trim() }),
      });
      made.set(new Map(made.value).set(id, [link, ...(made.value.get(id) ?? [])]));
      await copy(link.url);
    } catch (refused) {
      setError(wordsOf(refused));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="links">
      <p className="muted">{t.linksHint}</p>
      <form className="links-form" onSubmit={(event) => void make(event)}>
        <Field label={t.expires}>
          {(ids) => (
            <select {...ids} className="input" value={expires} onChange={({ target }) => setExpires(Number(target.value))}>
              {expiries.map((seconds) => (
                <option key={seconds} value={seconds}>
                  {t.expiries[seconds]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField label={t.maxBytes} hint={t.maxBytesHint} value={most} onChange={({ target }) => setMost(target.value)} />
        <TextField label={t.rateLimit} hint={t.rateLimitHint} value={rate} onChange={({ target }) => setRate(target.value)} />
        <Button type="submit" look="primary" icon="link" disabled={isBusy}>
          {t.make}
        </Button>
      </form>
      {error !== undefined && (
        <p className="broken-words" role="alert">
          {error}
        </p>
      )}
      <Made id={id} />
    </div>
  );
};

const Made = ({ id }: { readonly id: string }) => {
  const t = useText(taskText);
  const tongue = useWatched(language.watched);
  const links = useWatched(made).get(id) ?? [];
  if (links.length === 0) return null;
  return (
    <>
      <h3>{t.made}</h3>
      <ul className="links-made">
        {links.map((link) => (
          <li key={link.token}>
            <a href={link.url} target="_blank" rel="noopener noreferrer">
              {link.url}
            </a>
            <span className="muted">{t.ends(new Date(link.expires_at * 1000).toLocaleString(tongue))}</span>
            <IconButton icon="copy" label={t.copy} onClick={() => void copy(link.url)} />
          </li>
        ))}
      </ul>
      <p className="muted">{t.madeHint}</p>
    </>
  );
};
