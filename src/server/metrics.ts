import type { ControlPorts } from './control-ports.ts';
import type { Metric } from './exposition.ts';

const gauge = (name: string, help: string, value: number): Metric => ({ name, type: 'gauge', help, samples: [{ value }] });

/** What Prometheus is told. Totals only: a label per task would grow without bound. */
export const metricsOf = ({ live, tasks, events, downloads, version }: ControlPorts): readonly Metric[] => {
  const all = tasks.list();
  const filling = all.filter(({ live: { fill } }) => fill?.state === 'running').length;
  const failed = all.filter(({ live: { fill } }) => fill?.state === 'failed').length;
  const states = new Map<string, number>();
  for (const { state } of downloads?.list() ?? []) states.set(state, (states.get(state) ?? 0) + 1);
  return [
    { name: 'hydrant_build_info', type: 'gauge', help: 'The version that runs.', samples: [{ labels: { version }, value: 1 }] },
    gauge('hydrant_tasks', 'Tasks.', all.length),
    gauge('hydrant_tasks_paused', 'Tasks that let new streams wait.', all.filter(({ paused }) => paused).length),
    {
      name: 'hydrant_fills',
      type: 'gauge',
      help: 'Files being brought into the cache whole.',
      samples: [
        { labels: { state: 'running' }, value: filling },
        { labels: { state: 'failed' }, value: failed },
      ],
    },
    { name: 'hydrant_served_bytes_total', type: 'counter', help: 'Bytes sent to clients.', samples: [{ value: live.bytesServed }] },
    gauge('hydrant_serving_bytes_per_second', 'Bytes sent to clients in the last second.', live.rate),
    gauge('hydrant_filling_bytes_per_second', 'Bytes brought into the cache in the last second.', live.fillRate),
    gauge('hydrant_active_connections', 'Streams that run.', live.activeConnections),
    gauge('hydrant_cache_bytes', 'Bytes that the cache holds.', live.cacheBytes),
    gauge('hydrant_event_clients', 'Clients that watch events.', events.clients),
    {
      name: 'hydrant_downloads',
      type: 'gauge',
      help: 'Downloads to the server’s disk.',
      samples: [...states].map(([state, value]) => ({ labels: { state }, value })),
    },
    gauge('process_resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()),
    {
      name: 'process_cpu_seconds_total',
      type: 'counter',
      help: 'Time on processors.',
      samples: [{ value: cpuSeconds() }],
    },
  ];
};

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
