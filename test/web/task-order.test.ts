import { expect, it } from 'vitest';

import type { TaskInfo } from '../../src/server/api-types.ts';
import { chose, stillIn } from '../../web/src/tasks/selection.ts';
import { movedBetween, type Sort, sameSet, sorted } from '../../web/src/tasks/task-order.ts';
import { aTask } from './a-task.ts';

const all: readonly TaskInfo[] = [
  aTask({ task_id: 'a', config: { name: 'Part 10' }, created_at: 1, current_speed_bps: 500 }),
  aTask({ task_id: 'b', config: { name: 'part 9' }, created_at: 3, active_connections: 1 }),
  aTask({ task_id: 'c', config: { name: 'Ä song' }, created_at: 2 }),
];
const taskOf = (id: string): TaskInfo | undefined => all.find(({ task_id }) => task_id === id);

it.each<[Sort, string]>([
  ['edited', 'abc'],
  ['name', 'cba'],
  ['created', 'bca'],
  ['activity', 'bac'],
  ['size', 'abc'],
])('sorted by %s they are %s', (sort, order) => {
  expect(sorted(['a', 'b', 'c'], sort, taskOf).join('')).toBe(order);
});

it('what is not known yet comes last and nothing is lost', () => {
  expect(sorted(['x', 'a', 'b'], 'created', taskOf)).toEqual(['b', 'a', 'x']);
});

it('says how many moved, and whether the same are there', () => {
  expect(movedBetween(['a', 'b', 'c'], ['a', 'c', 'b'])).toBe(2);
  expect(sameSet(['a', 'b'], ['b', 'a'])).toBe(true);
  expect(sameSet(['a', 'b'], ['b', 'c'])).toBe(false);
});

it('a range is chosen from where the last choice was, in either direction', () => {
  const order = ['a', 'b', 'c', 'd'];
  const one = chose({ ids: new Set(), anchor: undefined }, order, 'c', 'toggle');
  expect([...chose(one, order, 'a', 'range').ids].sort()).toEqual(['a', 'b', 'c']);
  expect([...chose(one, order, 'd', 'range').ids].sort()).toEqual(['c', 'd']);
  expect(chose(one, order, 'c', 'toggle').ids.size).toBe(0);
});

it('what is no longer listed is no longer chosen', () => {
  const chosen = { ids: new Set(['a', 'gone']), anchor: 'a' };
  expect([...stillIn(chosen, ['a', 'b']).ids]).toEqual(['a']);
  expect(stillIn(chosen, ['gone', 'a'])).toBe(chosen);
});
