import { expect, it } from 'vitest';

import type { TaskInfo } from '../../src/server/api-types.ts';
import type { Pulse } from '../../web/src/data/messages.ts';
import { TaskTable } from '../../web/src/data/task-table.ts';

const task = (id: string): TaskInfo => ({
  task_id: id,
  proxy_url: `http://127.0.0.1/stream/${id}`,
  config: {
    volumes: [['http://127.0.0.1/a']],
    max_threads: 4,
    max_per_volume: 4,
    max_split: 0,
    cache: true,
    headers: {},
    name: id,
    output_filename: null,
    auto_filename: true,
    rate_limit_bps: 0,
    rate_limit_algorithm: 'token_bucket',
    persist: true,
    plugins: [],
    content_disposition: 'auto',
    host_mappings: [],
  },
  created_at: 1,
  updated_at: 1,
  bytes_served: 0,
  active_connections: 0,
  paused: false,
  cache: null,
  url_health: [],
  current_speed_bps: 0,
  speed_samples: [],
  cache_job: null,
});

const pulse = (id: string, rate: number, fill: Pulse['cache_job'] = null): Pulse => ({
  task_id: id,
  current_speed_bps: rate,
  active_connections: 1,
  bytes_served: rate,
  cache: null,
  url_health: [],
  cache_job: fill,
});

it('a pulse moves the curve of its task on by a second, and a curve is a minute long', () => {
  const table = new TaskTable();
  table.put(task('a'));
  for (let second = 1; second <= 70; second++) table.pulse(pulse('a', second));
  expect(table.get('a')).toMatchObject({ current_speed_bps: 70, active_connections: 1 });
  expect(table.get('a')?.speed_samples).toEqual(Array.from({ length: 60 }, (_, index) => index + 11));
});

it('a fill keeps what a pulse does not tell of it', () => {
  const table = new TaskTable();
  table.put(task('a'));
  const running = { state: 'running', total_bytes: 10, done_bytes: 1, current_speed_bps: 5, threads: 2 } as const;
  table.pulse(pulse('a', 0, running));
  table.change('a', ({ cache_job }) => ({ cache_job: cache_job && { ...cache_job, active_readers: 3 } }));
  table.pulse(pulse('a', 0, { ...running, done_bytes: 6 }));
  expect(table.get('a')?.cache_job).toMatchObject({ done_bytes: 6, active_readers: 3, speed_samples: [5, 5] });
});

it('who watches a task hears of that one alone, until it is watched no longer', () => {
  const table = new TaskTable();
  const heard: string[] = [];
  const stop = table.watch('a', () => heard.push('a'));
  table.put(task('a'));
  table.put(task('b'));
  table.pulse(pulse('unknown', 1));
  table.remove('a');
  table.remove('a');
  expect(heard).toEqual(['a', 'a']);
  stop();
  table.put(task('a'));
  expect(heard).toHaveLength(2);
});

it('what nobody watches is forgotten when told to', () => {
  const table = new TaskTable();
  table.put(task('a'));
  table.put(task('b'));
  table.watch('b', () => undefined);
  table.forget();
  expect([table.get('a'), table.get('b')?.task_id]).toEqual([undefined, 'b']);
});
