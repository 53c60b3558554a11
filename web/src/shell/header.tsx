import { useEffect, useRef } from 'react';
import { Link } from 'wouter';

import { language } from '../choices/language.ts';
import { useRemembered } from '../choices/remembered.ts';
import { theme } from '../choices/theme.ts';
import { api } from '../data/api.ts';
import { useTotals } from '../data/live.ts';
import { useGlobal } from '../data/queries.ts';
import { bytesFigure, percentFigure, textOfFigure } from '../text/numbers.ts';
import { shellText } from '../text/shell-text.ts';
import { useText } from '../text/text.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuChoice, MenuItem } from '../ui/menu.tsx';
import { Bytes, Rate } from '../ui/number.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { useTaskFilter } from './task-filter.ts';

/** What is on every page: how the whole is doing, search, and choices. */
export const Header = () => {
  const t = useText(shellText);
  return (
    <header className="header">
      <Link href="/" className="brand">
        hydrant
      </Link>
      <Now />
      <Search />
      <nav className="header-actions" aria-label={t.menu}>
        <Link href="/new" className="button primary" aria-keyshortcuts="n">
          <Icon name="plus" />
          <span>{t.create}</span>
        </Link>
        <Choices />
      </nav>
    </header>
  );
};

const Now = () => {
  const t = useText(shellText);
  useGlobal();
  const { now, out, into } = useTotals();
  return (
    <div className="now">
      <span className="now-item">
        <Sparkline samples={out} label={t.outCurve} />
        <Rate value={now?.current_speed_bps ?? 0} />
        <span className="muted">{t.out}</span>
      </span>
      <span className="now-item now-in">
        <Sparkline samples={into} label={t.inCurve} colour="--done" />
        <Rate value={now?.fetch_speed_bps ?? 0} />
        <span className="muted">{t.in}</span>
      </span>
      <span className="now-item now-readers">{t.readers(now?.active_connections ?? 0)}</span>
      <span className="now-item now-cache">
        <span className="muted">{t.cache}</span> <Bytes value={now?.cache_total_bytes ?? 0} />
        {now !== undefined && (
          <span className="muted">
            {t.ofSize(textOfFigure(bytesFigure(now.cache_limit_bytes)))}
            {now.cache_hits + now.cache_misses > 0 &&
              ` · ${t.hits(textOfFigure(percentFigure(now.cache_hits, now.cache_hits + now.cache_misses)))}`}
          </span>
        )}
      </span>
    </div>
  );
};

const Search = () => {
  const t = useText(shellText);
  const [{ q }, change] = useTaskFilter();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const writes = (event.target as Element).closest('input, textarea, select, dialog') !== null;
      if (event.key !== '/' || writes || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return (
    <search className="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        className="input"
        aria-label={t.search}
        placeholder={t.search}
        aria-keyshortcuts="/"
        value={q}
        onChange={({ target }) => change({ q: target.value })}
      />
      <span className="key" aria-hidden="true">
        /
      </span>
    </search>
  );
};

const Choices = () => {
  const t = useText(shellText);
  const [look, chooseLook] = useRemembered(theme);
  const [tongue, chooseTongue] = useRemembered(language);
  return (
    <Menu label={t.menu} icon="settings">
      <MenuChoice label={t.theme} options={theme.options.map((option) => [option, t.themes[option]])} value={look} onChoose={chooseLook} />
      <MenuChoice
        label={t.language}
        options={[
          ['en', 'English'],
          ['zh', '中文'],
        ]}
        value={tongue}
        onChoose={chooseTongue}
      />
      <MenuItem onClick={() => void api.logout()}>{t.logout}</MenuItem>
    </Menu>
  );
};
