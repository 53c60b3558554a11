import type { OptionGroup, OptionRow, OptionTable } from '../core/option-row.ts';
import { keyOf, rowsOf } from '../core/options.ts';
import { padded, widthOf, wrapped } from './text.ts';

/** What help says of a command beside its options. */
export interface Manual {
  readonly usage: readonly string[];
  readonly about: string;
  readonly examples: readonly string[];
}

/** The headings of help, in order. */
export const headings: Readonly<Record<OptionGroup, string>> = {
  files: 'Files',
  serving: 'Server',
  access: 'Access',
  tasks: 'Tasks',
  checks: 'Checks',
  speed: 'Speed and memory',
  requests: 'Requests',
  patience: 'Patience',
  network: 'Network',
  messages: 'Messages',
};

const width = 100;
const column = 28;

/** The help text of a command whose options are the rows of `table` that it `takes`. */
export const helpText = (manual: Manual, table: OptionTable, takes: (row: OptionRow) => boolean, versionShort = 'V'): string => {
  const rows = rowsOf(table).filter(([, row]) => takes(row) && row.later !== true);
  const parts = [
    manual.usage.map((usage, index) => `${index === 0 ? 'Usage: ' : '       '}${usage}`).join('\n'),
    wrapped(manual.about, width).join('\n'),
  ];
  for (const [group, heading] of Object.entries(headings)) {
    const entries = rows.filter(([, row]) => row.group === group).map(([name, row]) => entry(flagText(name, row), helpOf(row)));
    if (group === 'messages') {
      entries.push(entry('-h, --help', 'this text'), entry(`-${versionShort}, --version`, 'the version'));
    }
    if (entries.length > 0) parts.push(`${heading}:\n${entries.join('\n')}`);
  }
  if (manual.examples.length > 0) parts.push(`Examples:\n${manual.examples.map((example) => `  ${example}`).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
};

/** `-c, --connections N`, `--continue / --no-continue` */
export const flagText = (name: string, row: OptionRow): string => {
  const key = keyOf(name);
  const short = row.short === undefined ? '    ' : `-${row.short}, `;
  if (row.kind === 'flag')
    return row.default === true ? `${row.shortOff === undefined ? '    ' : `-${row.shortOff}, `}--no-${key}` : `${short}--${key}`;
  return row.bare === undefined ? `${short}--${key} ${row.value ?? 'VALUE'}` : `${short}--${key}[=${row.value ?? 'VALUE'}]`;
};

/** The default as help shows it; undefined where there is nothing to show. */
export const defaultText = (row: OptionRow): string | undefined => {
  if (row.default === undefined) return row.unset;
  if (row.kind === 'flag') return undefined;
  if (Array.isArray(row.default)) return row.default.length === 0 ? undefined : row.default.join(', ');
  if (row.kind === 'size' && typeof row.default === 'number') return `${row.default / 2 ** 20}M`;
  if (row.kind === 'duration' && typeof row.default === 'number')
    return row.default % 60_000 === 0 ? `${row.default / 60_000}m` : `${row.default / 1000}s`;
  return String(row.default);
};

const helpOf = (row: OptionRow): string => {
  const shown = defaultText(row);
  const negated = row.kind === 'flag' && row.default === true ? `do not ${row.help}` : row.help;
  return shown === undefined ? negated : `${negated} [${shown}]`;
};

const entry = (flag: string, help: string): string => {
  const lines = wrapped(help, width - column - 2);
  const first = `  ${flag}`;
  if (widthOf(first) >= column) return [first, ...lines.map((line) => ' '.repeat(column) + line)].join('\n');
  return lines.map((line, index) => (index === 0 ? padded(first, column) : ' '.repeat(column)) + line).join('\n');
};
