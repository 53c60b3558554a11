import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { OptionTable, Values } from '../core/option-row.ts';
import { fromText, fromToml, isList } from '../core/option-value.ts';
import { environmentNameOf, keyOf, rowsOf } from '../core/options.ts';

/** Environment names that begin like options and are something else: what `--on-done` tells its command. */
const reserved: ReadonlySet<string> = new Set(['HYDRANT_FILE', 'HYDRANT_URL', 'HYDRANT_STATUS']);

/** Options as a TOML text gives them; `path` and the line begin a message. `aliases` maps other spellings to keys. Throws OPTION_INVALID. */
export const readConfig = async <Table extends OptionTable>(
  table: Table,
  text: string,
  path: string,
  aliases: Readonly<Record<string, string>> = {},
): Promise<Partial<Values<Table>>> => {
  const { parse } = await import('smol-toml');
  const values: Record<string, unknown> = {};
  const named = new Map(rowsOf(table).map(([name, row]) => [keyOf(name), [name, row] as const]));
  const known = [...named.keys()].filter((key) => key !== 'config');
  let document: Record<string, unknown>;
  try {
    document = parse(text);
  } catch (error) {
    throw syntaxError(error, path);
  }
  for (const [written, value] of Object.entries(document)) {
    const place = `${path}:${lineOf(text, written)}:`;
    const key = aliases[written] ?? written;
    const [name, row] = key === 'config' ? [] : (named.get(key) ?? []);
    if (name === undefined || row === undefined) {
      const near = didYouMean(written.replaceAll('_', '-'), known);
      throw new HydrantError('OPTION_INVALID', `${place} there is no option "${written}"${near}`);
    }
    values[name] = fromToml(row, value, `${place} ${written}`);
  }
  return values as Partial<Values<Table>>;
};

/** Options as `HYDRANT_*` names give them; an empty one counts as absent. Throws OPTION_INVALID for a name that is no option. */
export const readEnvironment = <Table extends OptionTable>(
  table: Table,
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Values<Table>> => {
  const values: Record<string, unknown> = {};
  const named = new Map(rowsOf(table).map(([name, row]) => [environmentNameOf(name), [name, row] as const]));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('HYDRANT_') || reserved.has(variable) || text === undefined) continue;
    const [name, row] = named.get(variable) ?? [];
    if (name === undefined || row === undefined) {
      throw new HydrantError('OPTION_INVALID', `${variable} is no option${didYouMean(variable, named.keys())}`);
    }
    if (text === '') continue;
    values[name] = isList(row) ? lines(text).flatMap((item) => fromText(row, item, variable)) : fromText(row, text, variable);
  }
  return values as Partial<Values<Table>>;
};

/** Where a program's configuration is kept: `$XDG_CONFIG_HOME/PROGRAM/config.toml`, or below `~/.config`. */
export const configPath = (program: string, environment: Readonly<Record<string, string | undefined>>, home: string): string => {
  const base = environment.XDG_CONFIG_HOME;
  return `${base?.startsWith('/') ? base : `${home}/.config`}/${program}/config.toml`;
};

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** The line, counted from 1, on which a key of the first level stands; a table's header counts as its key. */
const lineOf = (text: string, key: string): number => {
  const bare = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const start = new RegExp(`^\\s*\\[{0,2}\\s*(?:${bare}|"${bare}"|'${bare}')\\s*[=.\\]]`);
  return (
    Math.max(
      0,
      text.split('\n').findIndex((line) => start.test(line)),
    ) + 1
  );
};

const syntaxError = (error: unknown, path: string): HydrantError => {
  const line = error instanceof Error && 'line' in error ? `:${String(error.line)}` : '';
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new HydrantError('OPTION_INVALID', `${path}${line}: ${reason.replace(/^Invalid TOML document: /, '')}`, { cause: error });
};
