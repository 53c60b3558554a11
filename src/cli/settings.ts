import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';

import type { OptionTable, Values } from '../core/option-row.ts';
import { invalid } from '../core/option-value.ts';
import { layered, type Options, optionTable, rowsOf } from '../core/options.ts';
import { configPath, readConfig, readEnvironment } from './config.ts';

/** What is said before any flag: the configuration file, and over it the environment. `flags` may name another file. */
export const givenOptions = async (flags: { readonly config?: string | undefined }): Promise<Partial<Options>> => {
  const environment = readEnvironment(optionTable, process.env);
  const named = flags.config ?? environment.config;
  const path = named ?? configPath('hydrant', process.env, homedir());
  if (named !== undefined && !existsSync(named)) throw invalid('--config', `names a file that is not there: ${named}`);
  return { ...(await configAt(optionTable, path)), ...environment };
};

/** All options: defaults < file < environment < `flags`. Throws OPTION_INVALID. */
export const resolveOptions = async (flags: Partial<Options>): Promise<Options> =>
  withHome(optionTable, layered(optionTable, await givenOptions(flags), flags));

/** The options in the file at `path`; none where there is no such file. Throws OPTION_INVALID. */
export const configAt = async <Table extends OptionTable>(
  table: Table,
  path: string,
  aliases?: Readonly<Record<string, string>>,
): Promise<Partial<Values<Table>>> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw invalid(path, `cannot be read: ${message}`);
  }
  return readConfig(table, text, path, aliases);
};

/** `values` with the user's home in place of `~` at the beginning of paths, since shells expand it in few places. */
export const withHome = <Table extends OptionTable, Given extends Partial<Values<Table>>>(table: Table, values: Given): Given => {
  const paths = rowsOf(table).filter(([, row]) => row.kind === 'path');
  const expanded = paths.flatMap(([name]) => {
    const value: unknown = values[name];
    return typeof value === 'string' && /^~(?=\/|$)/.test(value) ? [[name, homedir() + value.slice(1)]] : [];
  });
  return { ...values, ...Object.fromEntries(expanded) };
};
