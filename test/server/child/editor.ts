/*
 * Makes, edits and removes tasks over the state file it is given, until it is killed. Says what it was promised: a line
 * when an edit is asked for (`? ID NAME`), one when it was acknowledged (`= ID NAME`); a NAME of `-` is a removal.
 */
import { writeSync } from 'node:fs';

import { FileTaskStore } from '../../../src/server/file-task-store.ts';
import type { Live, LiveTask } from '../../../src/server/live.ts';
import { parseTask } from '../../../src/server/task-schema.ts';
import { Tasks } from '../../../src/server/tasks.ts';

const [path = '', seedText = '0'] = process.argv.slice(2);
let seed = Number(seedText);
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

const idle = { update: async () => undefined, close: async () => undefined, clearCache: async () => 0, fill: null } as unknown as LiveTask;
const live = { task: () => idle, check: () => undefined } as unknown as Live;
const store = await FileTaskStore.open(path);
const tasks = new Tasks({ store, live, clock: { wall: Date.now } });

const say = (mark: '?' | '=', id: string, name: string): void => void writeSync(1, `${mark} ${id} ${name}\n`);
let edits = 0;

/** Each of these works on tasks of its own, so that what is promised has an order. */
const work = async (own: string[]): Promise<void> => {
  for (;;) {
    const name = `${seedText}.${edits++}`;
    const id = own[random(own.length)];
    if (id === undefined || own.length < 5) {
      const task = await tasks.create(parseTask({ url: `https://a.invalid/${'x'.repeat(random(4000))}`, name }).config);
      own.push(task.id);
      say('=', task.id, name);
    } else if (random(10) === 0) {
      say('?', id, '-');
      await tasks.remove(id);
      say('=', id, '-');
      own.splice(own.indexOf(id), 1);
    } else {
      say('?', id, name);
      await tasks.edit(id, { name, headers: { 'X-Fill': 'y'.repeat(random(8000)) } });
      say('=', id, name);
    }
  }
};

say('=', 'started', '-');
const all = tasks.list().map(({ id }) => id);
const hands = 4;
await Promise.all(Array.from({ length: hands }, (_, hand) => work(all.filter((_id, at) => at % hands === hand))));
