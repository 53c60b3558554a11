import type { TaskInfo, UrlHealth } from '../../../src/server/api-types.ts';
import { useText } from '../text/text.ts';
import { Bytes, Percent, Rate } from '../ui/number.tsx';
import { Badge, type Tone } from '../ui/state.tsx';
import { taskText } from './task-text.ts';
import { hostOf } from './why.ts';

const tones: Readonly<Record<UrlHealth['state'], Tone>> = {
  ready: 'waiting',
  spare: 'waiting',
  probing: 'flowing',
  working: 'flowing',
  resting: 'slow',
  out: 'broken',
};

/** A row for each source: how it does, and what it brought. */
export const SourcesBoard = ({ task }: { readonly task: TaskInfo }) => {
  const t = useText(taskText);
  const sources = task.url_health;
  const brought = sources.reduce((sum, { bytes_contributed }) => sum + bytes_contributed, 0);
  const hasVolumes = task.config.volumes.length > 1;
  return (
    <section className="sources" aria-label={t.sources}>
      <h2>{t.sources}</h2>
      {brought > 0 && <Shares sources={sources} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the window is scrolled by keys too. */}
      <section className="scrolled" tabIndex={0} aria-label={t.sources}>
        <table className="board">
          <thead>
            <tr>
              <th scope="col">{t.source}</th>
              <th scope="col">{t.state}</th>
              <th scope="col" className="num">
                {t.rate}
              </th>
              <th scope="col" className="num">
                {t.brought}
              </th>
              <th scope="col" className="num">
                {t.share}
              </th>
              <th scope="col" className="num">
                {t.latency}
              </th>
              <th scope="col" className="num">
                {t.inFlight}
              </th>
              <th scope="col" className="num">
                {t.answers}
              </th>
              <th scope="col" className="num">
                {t.errors}
              </th>
              <th scope="col" className="num">
                {t.status}
              </th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source, index) => (
              <Source key={`${source.volume} ${source.url}`} source={source} index={index} brought={brought} hasVolumes={hasVolumes} />
            ))}
          </tbody>
        </table>
      </section>
      {sources.every(({ last_used_at }) => last_used_at === null) && <p className="muted">{t.noSources}</p>}
    </section>
  );
};

interface SourceProps {
  readonly source: UrlHealth;
  readonly index: number;
  readonly brought: number;
  readonly hasVolumes: boolean;
}

const Source = ({ source, index, brought, hasVolumes }: SourceProps) => {
  const t = useText(taskText);
  return (
    <>
      <tr className={source.state === 'out' ? 'out' : ''}>
        <th scope="row">
          <span className={`swatch s${(index % 8) + 1}`} aria-hidden="true" />
          <span className="source-name" title={source.url}>
            <span>{hostOf(source.url)}</span>
            <span className="muted">{source.url.replace(/^https?:\/\/[^/]*/, '')}</span>
          </span>
          {hasVolumes && (
            <span className="muted volume">
              {t.volume(source.volume + 1)}
              {source.volume_size !== null && <Bytes value={source.volume_size} />}
            </span>
          )}
        </th>
        <td>
          <Badge tone={tones[source.state]}>{t.states[source.state]}</Badge>
        </td>
        <td className="num">
          <Rate value={source.current_speed_bps} />
        </td>
        <td className="num">
          <Bytes value={source.bytes_contributed} />
        </td>
        <td className="num">
          <Percent part={source.bytes_contributed} whole={brought} />
        </td>
        <td className="num">{source.last_latency_ms === null ? '–' : `${Math.round(source.last_latency_ms)} ms`}</td>
        <td className="num">{source.in_flight_requests}</td>
        <td className="num">{source.successful_requests}</td>
        <td className="num">{source.failed_requests}</td>
        <td className="num">{source.last_status ?? '–'}</td>
      </tr>
      {source.last_error !== null && (
        <tr className="source-error">
          <td colSpan={10}>
            <span className="unseen">{t.lastError}: </span>
            {source.last_error}
          </td>
        </tr>
      )}
    </>
  );
};

/** Who brought how much, as one bar in the colours of the sources; the table says the same in figures. */
const Shares = ({ sources }: { readonly sources: readonly UrlHealth[] }) => (
  <div className="shares" aria-hidden="true">
    {sources.map(({ url, volume, bytes_contributed }, index) => (
      <span key={`${volume} ${url}`} className={`s${(index % 8) + 1}`} style={{ flexGrow: bytes_contributed }} />
    ))}
  </div>
);
