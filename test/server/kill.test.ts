import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';

import { killEditors } from './killing.ts';

it('kill -9, ten times, loses nothing that was acknowledged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hydrant-edits-'));
  try {
    await killEditors(folder, 10);
  } finally {
    await rm(folder, { recursive: true });
  }
});
