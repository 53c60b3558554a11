import { expect, it } from 'vitest';

import type { TaskLogEntry } from '../../web/src/data/messages.ts';
import { type Reason, reasonOf } from '../../web/src/task/why.ts';
import { aSource, aTask, type TaskTraits } from './a-task.ts';

const busy = { active_connections: 1 };
const fast = aSource({ current_speed_bps: 1000, in_flight_requests: 4 });
const out = aSource({ url: 'http://two.example/film.mkv', state: 'out', last_error: 'the source answered 404 Not Found' });

it.each<[string, TaskTraits, Reason]>([
  ['nobody reads it', {}, { why: 'idle' }],
  ['it is paused', { paused: true }, { why: 'paused' }],
  ['no source is left', { ...busy, url_health: [out] }, { why: 'allOut', error: 'the source answered 404 Not Found' }],
  ['one of two sources is left', { ...busy, url_health: [fast, out] }, { why: 'someOut', out: 1, all: 2, host: 'two.example' }],
  ['its limit is reached', { ...busy, url_health: [fast], config: { rate_limit_bps: 1100 } }, { why: 'limit', rate: 1100 }],
  [
    'its limit is far away',
    { ...busy, url_health: [fast], config: { rate_limit_bps: 9000 } },
    { why: 'slowest', host: 'one.example', rate: 1000, connections: 4 },
  ],
  ['nothing has come yet', { ...busy, url_health: [aSource()] }, { why: 'waiting' }],
  ['it is read from what is here', { ...busy, current_speed_bps: 50, url_health: [aSource()] }, { why: 'readers' }],
])('says why where %s', (_, traits, reason) => {
  expect(reasonOf(aTask(traits), [], undefined)).toEqual(reason);
});

it('says who allows how many connections, and that the server’s own limit holds', () => {
  const log: TaskLogEntry[] = [
    { time: '2026-01-01T00:00:00Z', level: 'warn', event: 'throttled', message: 'http://one.example takes no more than 2 connections' },
  ];
  const task = aTask({ ...busy, url_health: [fast] });
  expect(reasonOf(task, log, undefined)).toEqual({ why: 'throttled', host: 'one.example', connections: 2 });
  expect(reasonOf(task, log, { global_rate_limit_bps: 1000 })).toEqual({ why: 'globalLimit', rate: 1000 });
});
