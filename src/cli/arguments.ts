/**
 * A command line against an option table. The words are split by Node's own `parseArgs`: it alone lets `--json[=FD]` take a
 * value only after `=`, where commander would take the URL that follows, and its tokens leave types, bounds and messages
 * to the table, as in configuration files and the environment.
 */
import { parseArgs } from 'node:util';

import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { OptionRow, OptionTable, Values } from '../core/option-row.ts';
import { fromText, invalid, isList } from '../core/option-value.ts';
import { keyOf, rowsOf } from '../core/options.ts';

/** What a command line says: options that were given, and the rest. */
export interface Arguments<Table extends OptionTable> {
  readonly values: Partial<Values<Table>>;
  readonly positionals: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/** Which rows of a table a command takes; rows left out are known, and refused with a word of their own. */
export interface Grammar<Table extends OptionTable> {
  readonly program: string;
  readonly table: Table;
  readonly takes: (row: OptionRow) => boolean;
  /** Short name of `--version`, where it has one. */
  readonly versionShort?: string;
}

/** Reads `argv`. Throws OPTION_INVALID for an unknown flag, a missing value or one that is not valid. */
export const readArguments = <Table extends OptionTable>(grammar: Grammar<Table>, argv: readonly string[]): Arguments<Table> => {
  const rows = rowsOf(grammar.table).filter(([, row]) => grammar.takes(row));
  const named = new Map(rows.map(([name, row]) => [keyOf(name), [name, row] as const]));
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  let help = false;
  let version = false;
  for (const token of tokensOf(rows, argv, grammar.versionShort)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.name === 'version') {
      help ||= token.name === 'help';
      version ||= token.name === 'version';
      continue;
    }
    const [name, row] = named.get(token.name) ?? [];
    if (name !== undefined && row !== undefined) {
      const value = valueFrom(row, token.value, `--${token.name}`);
      values[name] = isList(row) ? [...((values[name] as unknown[]) ?? []), ...(value as unknown[])] : value;
      continue;
    }
    const [denied, deniedRow] = named.get(token.name.replace(/^no-/, '')) ?? [];
    if (denied === undefined || deniedRow?.kind !== 'flag') throw unknown(grammar, token, [...named.keys()]);
    if (token.value !== undefined) throw invalid(token.rawName, 'takes no value');
    values[denied] = false;
  }
  return { values: values as Partial<Values<Table>>, positionals, help, version };
};

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

const tokensOf = (rows: readonly (readonly [string, OptionRow])[], argv: readonly string[], versionShort = 'V'): readonly Token[] => {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: versionShort },
  };
  for (const [name, row] of rows) {
    const type = takesNext(row) ? 'string' : 'boolean';
    options[keyOf(name)] = row.short?.length === 1 ? { type, short: row.short } : { type };
    if (row.shortOff !== undefined) options[`no-${keyOf(name)}`] = { type: 'boolean', short: row.shortOff };
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
};

/** Whether a flag's value is the next argument. */
export const takesNext = (row: OptionRow): boolean => row.kind !== 'flag' && row.bare === undefined;

const valueFrom = (row: OptionRow, text: string | undefined, place: string): unknown => {
  if (text !== undefined) return fromText(row, text, place);
  if (row.kind === 'flag') return fromText(row, 'true', place);
  if (row.bare !== undefined) return row.bare;
  throw invalid(place, `needs ${row.value ?? 'a value'}`);
};

const unknown = <Table extends OptionTable>(
  grammar: Grammar<Table>,
  token: Extract<Token, { kind: 'option' }>,
  known: readonly string[],
): HydrantError => {
  const plain = token.name.replace(/^no-/, '');
  const elsewhere = rowsOf(grammar.table).find(([name]) => keyOf(name) === token.name || keyOf(name) === plain);
  if (elsewhere !== undefined && !known.includes(keyOf(elsewhere[0])) && elsewhere[1].on.length > 0) {
    return invalid(`--${keyOf(elsewhere[0])}`, `is no option of ${grammar.program}, only of ${elsewhere[1].on.join(' and ')}`);
  }
  const flags = rowsOf(grammar.table).flatMap(([name, row]) => (row.kind === 'flag' ? [`no-${keyOf(name)}`] : []));
  const words = [...known, 'help', 'version', ...flags.filter((flag) => known.includes(flag.slice('no-'.length)))];
  const near = token.rawName.startsWith('--') ? didYouMean(token.name, words, (word) => `--${word}`) : '';
  return new HydrantError(
    'OPTION_INVALID',
    `there is no option ${token.rawName}${near}${near === '' ? `; ${grammar.program} --help lists them` : ''}`,
  );
};
