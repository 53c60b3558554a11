import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { readConfig } from '../../src/cli/config.ts';
import { readInput } from '../../src/cli/input-file.ts';
import { optionTable } from '../../src/core/options.ts';
import { jsonLinesPage, optionsPage } from './generated-pages.ts';

const pages = { 'docs/options.md': optionsPage, 'docs/json-lines.md': jsonLinesPage } as const;

test.each(Object.entries(pages))('%s says what its table says', (path, page) => {
  const file = new URL(`../../${path}`, import.meta.url);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(file, page());
  expect(readFileSync(file, 'utf8')).toBe(page());
});

test('the configuration and the input file that docs/options.md shows are valid', async () => {
  const [toml = '', list = ''] = [/```toml\n([\s\S]*?)```/, /```\n(# comments[\s\S]*?)```/].map((block) => block.exec(optionsPage())?.[1]);
  expect(await readConfig(optionTable, toml, 'config.toml')).toMatchObject({ connections: 12, stallTimeout: 20_000 });
  expect(readInput(list, 'urls.txt')).toMatchObject([{ urls: [expect.anything(), expect.anything()], out: 'debian.iso' }]);
});
