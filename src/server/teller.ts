import type { ControlPorts } from './control-ports.ts';
import type { Happening } from './event-ring.ts';
import type { Message } from './events.ts';
import { globalInfo } from './global-info.ts';
import { cacheInfo, cacheJob, taskInfo, urlHealth } from './task-info.ts';
import type { Task } from './tasks.ts';

type Told = Pick<ControlPorts, 'tasks' | 'settings' | 'downloads'>;

/** Tells what a happening was about as it is now, to a client whose links begin with `base`. */
export const teller = (ports: Told, base: string): ((happening: Happening) => Message | undefined) => {
  const of = (id: string | undefined, event: string, data: (task: Task) => object): Message | undefined => {
    const task = ports.tasks.find(id ?? '');
    return task && { event, data: { task_id: task.id, ...data(task) } };
  };
  return ({ kind, id = '', facts }) => {
    switch (kind) {
      case 'task':
        return of(id, 'task', (task) => taskInfo(task, base)) ?? { event: 'task-deleted', data: { task_id: id } };
      case 'fill':
        return of(id, 'fill', ({ live }) => ({ cache_job: live.fill && cacheJob(live.fill, live) }));
      case 'health':
        return of(id, 'health', ({ live }) => ({ url_health: urlHealth(live.health) }));
      case 'log':
        return of(id, 'log', () => ({ entry: facts }));
      case 'settings':
        return { event: 'settings', data: ports.settings.current };
      case 'download': {
        const download = ports.downloads?.find(id);
        return download === undefined ? { event: 'download-deleted', data: { id } } : { event: 'download', data: download };
      }
    }
  };
};

type Moving = Pick<ControlPorts, 'tasks' | 'settings' | 'downloads' | 'live'>;

/** How everything that moves is, asked once a second; undefined from the second time on that nothing did. */
export const sampler = (ports: Moving): (() => unknown) => {
  let moved = new Set<string>();
  return () => {
    const moving = ports.tasks.list().filter(({ live }) => live.rate > 0 || live.activeConnections > 0 || live.fill?.state === 'running');
    const now = new Set(moving.map(({ id }) => id));
    // What came to rest is told once more.
    const rested = [...moved].filter((id) => !now.has(id)).flatMap((id) => ports.tasks.find(id) ?? []);
    const downloads = ports.downloads?.list().filter(({ state }) => state === 'running') ?? [];
    const { settings: _, speed_samples: __, ...global } = globalInfo(ports);
    const still = now.size === 0 && moved.size === 0 && downloads.length === 0 && global.current_speed_bps === 0;
    moved = now;
    return still ? undefined : { global, tasks: [...moving, ...rested].map(pulse), downloads };
  };
};

const pulse = ({ id, live }: Task): object => ({
  task_id: id,
  current_speed_bps: live.rate,
  active_connections: live.activeConnections,
  bytes_served: live.bytesServed,
  cache: cacheInfo(live),
  url_health: urlHealth(live.health),
  cache_job: live.fill && {
    state: live.fill.state,
    total_bytes: live.fill.total,
    done_bytes: live.fill.done,
    current_speed_bps: live.fill.rate,
    threads: live.fill.connections,
  },
});
