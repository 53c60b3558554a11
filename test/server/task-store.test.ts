import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';

import { FileTaskStore } from '../../src/server/file-task-store.ts';
import { MemoryTaskStore } from '../../src/server/memory-task-store.ts';
import { taskStoreContract } from '../../src/testing/task-store-contract.ts';

const folder = await mkdtemp(join(tmpdir(), 'hydrant-state-'));
afterAll(() => rm(folder, { recursive: true }));
let files = 0;

taskStoreContract({ describe, it }, 'MemoryTaskStore', async () => new MemoryTaskStore());
taskStoreContract({ describe, it }, 'FileTaskStore', () => FileTaskStore.open(join(folder, `${files++}`, 'tasks.json')));
