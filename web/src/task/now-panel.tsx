import { type ReactNode, useEffect, useRef, useState } from 'react';

import type { TaskInfo } from '../../../src/server/api-types.ts';
import { listen, tasks } from '../data/live.ts';
import type { TaskLogEntry } from '../data/messages.ts';
import { useSettings } from '../data/queries.ts';
import { appended } from '../data/task-table.ts';
import { taskShare } from '../tasks/task-name.ts';
import { useText } from '../text/text.ts';
import { HeatStrip } from '../ui/heat-strip.tsx';
import { Bytes, Duration, Percent, Rate } from '../ui/number.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { taskText } from './task-text.ts';
import { reasonOf } from './why.ts';
import { WhyLine } from './why-line.tsx';

/** How the task is doing, and why. */
export const NowPanel = ({ task, log }: { readonly task: TaskInfo; readonly log: readonly TaskLogEntry[] }) => {
  const t = useText(taskText);
  const { data: settings } = useSettings();
  const { cache, cache_job: job, url_health: sources } = task;
  const share = taskShare(task);
  const into = sourcesRate(task);
  const asked = (cache?.hits ?? 0) + (cache?.misses ?? 0);
  const isFilling = job?.state === 'running';
  return (
    <section className="now-panel" aria-label={t.now}>
      <WhyLine reason={reasonOf(task, log, settings)} />
      {share === undefined ? (
        <p className="muted">{task.config.cache ? t.unknown : t.cacheOff}</p>
      ) : (
        <div className="big-strip">
          <HeatStrip buckets={cache?.bitmap_summary ?? []} total={share.total} flowing={isFilling} />
        </div>
      )}
      <dl className="facts">
        <Fact name={t.out}>
          <Rate value={task.current_speed_bps} />
          <Sparkline samples={task.speed_samples} label={t.outCurve} />
        </Fact>
        <Fact name={t.into}>
          <Rate value={into} />
          <Sparkline samples={useIntoCurve(task.task_id)} label={t.intoCurve} colour="--done" />
        </Fact>
        <Fact name={t.readers}>{task.active_connections}</Fact>
        <Fact name={t.connections}>{sources.reduce((sum, { in_flight_requests }) => sum + in_flight_requests, 0)}</Fact>
        <Fact name={t.here}>
          {share === undefined ? (
            '–'
          ) : (
            <>
              <Bytes value={share.done} /> <span className="muted">{t.of}</span> <Bytes value={share.total} />{' '}
              <Percent part={share.done} whole={share.total} />
            </>
          )}
        </Fact>
        {isFilling && job.current_speed_bps > 0 && (
          <Fact name={t.left}>
            <Duration seconds={(job.total_bytes - job.done_bytes) / job.current_speed_bps} />
          </Fact>
        )}
        <Fact name={t.served}>
          <Bytes value={task.bytes_served} />
        </Fact>
        {cache !== null && <Fact name={t.blocks}>{`${cache.blocks_cached} / ${cache.blocks_total}`}</Fact>}
        {asked > 0 && (
          <Fact name={t.hits}>
            <Percent part={cache?.hits ?? 0} whole={asked} />
          </Fact>
        )}
      </dl>
    </section>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** Bytes per second from all sources; what is filled where they say less. */
const sourcesRate = ({ url_health, cache_job }: TaskInfo): number =>
  Math.max(
    url_health.reduce((sum, { current_speed_bps }) => sum + current_speed_bps, 0),
    cache_job?.state === 'running' ? cache_job.current_speed_bps : 0,
  );

/** What came from the sources, one value a second from when the page was opened. */
const useIntoCurve = (id: string): readonly number[] => {
  const [samples, setSamples] = useState<readonly number[]>(() => tasks.get(id)?.cache_job?.speed_samples ?? []);
  const latest = useRef(id);
  latest.current = id;
  useEffect(
    () =>
      listen('sample', () => {
        const task = tasks.get(latest.current);
        if (task !== undefined) setSamples((before) => appended(before, sourcesRate(task)));
      }),
    [],
  );
  return samples;
};
