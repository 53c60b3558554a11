import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { makeFolder } from '../../src/client/make-folder.ts';
import { folder, listing } from './stage.ts';

describe('a folder', () => {
  it('is made with those it lies in, by several at once too', async () => {
    const base = await folder();
    await Promise.all(['a/b/c', 'a/b/d', 'a/b/c'].map((name) => makeFolder(join(base, name))));
    expect(await listing(join(base, 'a/b'))).toEqual(['c', 'd']);
    await makeFolder('.');
  });

  it('below a file is not made', async () => {
    const base = await folder();
    await writeFile(join(base, 'file'), '');
    await expect(makeFolder(join(base, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('is not tried for ever where the file system takes none', async () => {
    await expect(makeFolder('/proc/nothing/below')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
