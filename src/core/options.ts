/**
 * The one table of options. A row is a flag (`--per-origin`), a config key (`per-origin`) and an environment name
 * (`HYDRANT_PER_ORIGIN`) at once; types, help, completion and `docs/options.md` are made from it. To add an option, add
 * a row to the table it belongs to.
 */
import { consoleOptions } from './console-options.ts';
import { fileOptions } from './file-options.ts';
import type { OptionRow, OptionTable, Values } from './option-row.ts';
import { serveOptions } from './serve-options.ts';
import { transferOptions } from './transfer-options.ts';

/** Every option, in the order in which help lists them. */
export const optionTable = { ...fileOptions, ...serveOptions, ...transferOptions, ...consoleOptions } as const satisfies OptionTable;

/** The name of an option in code. */
export type OptionName = keyof typeof optionTable;

/** The value of every option. */
export type Options = Values<typeof optionTable>;

/** What a table's options are when nobody says anything. */
export const defaultsOf = <Table extends OptionTable>(table: Table): Values<Table> =>
  Object.fromEntries(Object.entries(table).map(([name, row]) => [name, row.default])) as Values<Table>;

/** The defaults with each layer put over those before it; a list replaces the list below it. */
export const layered = <Table extends OptionTable>(table: Table, ...layers: readonly Partial<Values<Table>>[]): Values<Table> =>
  Object.assign({}, defaultsOf(table), ...layers);

/** `perOrigin` as it is written in flags and config files: `per-origin`. */
export const keyOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `perOrigin` as it is written in the environment: `HYDRANT_PER_ORIGIN`. */
export const environmentNameOf = (name: string): string => `HYDRANT_${keyOf(name).replaceAll('-', '_').toUpperCase()}`;

/** The entries of a table, with the names as they are in code. */
export const rowsOf = <Table extends OptionTable>(table: Table): readonly (readonly [keyof Table & string, OptionRow])[] =>
  Object.entries(table) as [keyof Table & string, OptionRow][];
