import { deepEqual, equal, rejects } from 'node:assert/strict';

import type { TaskStore } from '../core/ports.ts';
import type { Runner } from './store-contract.ts';

const all = (store: TaskStore, kind: string): Record<string, unknown> => Object.fromEntries(store.kept(kind));

/** What every TaskStore does. `open` gives an empty one. */
export const taskStoreContract = ({ describe, it }: Runner, name: string, open: () => Promise<TaskStore>): void => {
  const using = (title: string, body: (store: TaskStore) => Promise<void>) =>
    it(title, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });

  describe(`the TaskStore contract of ${name}`, () => {
    using('an empty store keeps nothing', async (store) => {
      equal(store.kept('task').size, 0);
    });

    using('what is kept is there when the commit resolves, and not before', async (store) => {
      const commit = store.commit([{ kind: 'task', key: 'a', value: { id: 'a', deep: [1, null, { x: 'ü\n"' }] } }]);
      await commit;
      deepEqual(all(store, 'task'), { a: { id: 'a', deep: [1, null, { x: 'ü\n"' }] } });
      equal(store.kept('fill').size, 0);
    });

    using('the later of two values is kept, at the place of the first', async (store) => {
      await store.commit(['a', 'b'].map((key) => ({ kind: 'task', key, value: { id: key } })));
      await store.commit([{ kind: 'task', key: 'a', value: { id: 'a', name: 'new' } }]);
      deepEqual(
        [...store.kept('task')],
        [
          ['a', { id: 'a', name: 'new' }],
          ['b', { id: 'b' }],
        ],
      );
    });

    using('undefined forgets, and to forget what is not there changes nothing', async (store) => {
      await store.commit([{ kind: 'task', key: 'a', value: { id: 'a' } }]);
      await store.commit([
        { kind: 'task', key: 'a', value: undefined },
        { kind: 'task', key: 'z', value: undefined },
      ]);
      deepEqual(all(store, 'task'), {});
    });

    using('kinds do not mix', async (store) => {
      await store.commit(['task', 'fill', 'download', 'key'].map((kind) => ({ kind, key: 'a', value: { id: 'a', task_id: 'a', kind } })));
      for (const kind of ['task', 'fill', 'download', 'key']) deepEqual(all(store, kind), { a: { id: 'a', task_id: 'a', kind } });
    });

    using('changes asked for at once are made in the order of the calls', async (store) => {
      const commits = Array.from({ length: 200 }, (_, count) => store.commit([{ kind: 'task', key: 'a', value: { id: 'a', count } }]));
      await Promise.all(commits);
      deepEqual(all(store, 'task'), { a: { id: 'a', count: 199 } });
    });

    it('a closed store refuses, and may be closed again', async () => {
      const store = await open();
      const last = store.commit([{ kind: 'task', key: 'a', value: { id: 'a' } }]);
      await store.close();
      await last;
      await rejects(store.commit([{ kind: 'task', key: 'b', value: { id: 'b' } }]), { code: 'STORE_FAILED' });
      await store.close();
    });
  });
};
