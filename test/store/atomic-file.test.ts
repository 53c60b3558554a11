import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeAtomically } from '../../src/store/atomic-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrant-atomic-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('writeAtomically', () => {
  it('makes the file with the mode that was asked for', async () => {
    const path = join(folder, 'new');
    await writeAtomically(path, 'content', { mode: 0o600 });
    expect(await readFile(path, 'utf8')).toBe('content');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('whoever reads meanwhile finds the old or the new content', async () => {
    const path = join(folder, 'replaced');
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await writeAtomically(path, contents[0] ?? '');
    const written = Promise.all(
      [1, 0, 1].map((index, round) => writeAtomically(path, contents[index] ?? '', { draft: `${path}.${round}` })),
    );
    for (let look = 0; look < 20; look++) expect(contents).toContain(await readFile(path, 'utf8'));
    await written;
  });

  it('what fails leaves the old file and no draft', async () => {
    const path = join(folder, 'kept');
    await mkdir(path);
    await writeFile(join(path, 'inside'), 'old');
    await expect(writeAtomically(path, 'new')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readFile(join(path, 'inside'), 'utf8')).toBe('old');
    expect((await readdir(folder)).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  });

  it.each(['a file', 'a link to a file elsewhere', 'a link to nowhere'])('replaces %s in place of the draft', async (planted) => {
    const path = join(folder, `draft of ${planted}`);
    const elsewhere = join(folder, `beside ${planted}`);
    const draft = `${path}.new`;
    if (planted !== 'a link to nowhere') await writeFile(elsewhere, 'precious');
    if (planted === 'a file') await writeFile(draft, 'left over, and longer than what is written');
    else await symlink(elsewhere, draft);
    await writeAtomically(path, 'content', { draft });
    expect(await readFile(path, 'utf8')).toBe('content');
    if (planted === 'a link to nowhere') await expect(stat(elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
    else expect(await readFile(elsewhere, 'utf8')).toBe('precious');
    expect((await readdir(folder)).filter((name) => name === `draft of ${planted}.new`)).toEqual([]);
  });
});
