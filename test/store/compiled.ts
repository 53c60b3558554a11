import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const rooms = ['src/core', 'src/store', 'src/testing', 'test/store', 'test/store/child'];

/** Puts what the child programs need into `folder` as JavaScript, laid out as here; `more` are other rooms that these need. */
export const compileInto = async (folder: string, more: readonly string[] = []): Promise<void> => {
  for (const room of [...rooms, ...more]) {
    await mkdir(join(folder, room), { recursive: true });
    for (const name of await readdir(join(root, room))) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      const { outputText } = ts.transpileModule(await readFile(join(root, room, name), 'utf8'), {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2022,
          rewriteRelativeImportExtensions: true,
        },
      });
      await writeFile(join(folder, room, name.replace(/\.ts$/, '.js')), outputText);
    }
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
};
