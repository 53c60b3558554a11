import { defaultText, headings } from '../../src/cli/help.ts';
import { type RecordKind, recordTable } from '../../src/cli/json-lines.ts';
import type { OptionGroup, OptionRow } from '../../src/core/option-row.ts';
import { keyOf, optionTable, rowsOf } from '../../src/core/options.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** `docs/options.md`, made from the option table. */
export const optionsPage = (): string => {
  const rows = rowsOf(optionTable);
  const flags = (name: string, row: OptionRow): string => {
    const value = row.kind === 'flag' ? '' : row.bare === undefined ? ` ${row.value}` : `[=${row.value}]`;
    const short = row.short === undefined ? '' : `\`-${row.short}\`, `;
    return `${short}\`--${keyOf(name)}${value}\``;
  };
  const shown = (row: OptionRow): string => (row.kind === 'flag' ? (row.default === true ? 'on' : 'off') : (defaultText(row) ?? ''));
  const bounds = ({ kind, min, max }: OptionRow): string => {
    if (kind !== 'count' || min === undefined) return '';
    return max === undefined ? '' : ` (${min} to ${max})`;
  };
  const table = (group: OptionGroup): string =>
    [
      '| option | default | of | meaning |',
      '|---|---|---|---|',
      ...rows
        .filter(([, row]) => row.group === group && row.later !== true)
        .map(([name, row]) => `| ${cell(flags(name, row))} | ${shown(row)} | ${row.on.join(', ')} | ${cell(row.help)}${bounds(row)} |`),
    ].join('\n');
  const later = rows.filter(([, row]) => row.later === true).map(([name]) => `\`--${keyOf(name)}\``);
  return `# Options

<!-- Made from the tables in src/core: run UPDATE_DOCS=1 npx vitest run test/docs to write it anew. -->

Every option of \`get\`, \`cat\`, \`probe\`, \`serve\` and \`task\` is at once

- a flag: \`--per-origin 4\`; one that is on or off is also taken back: \`--no-continue\`, \`--no-quiet\`;
- a key of the configuration file: \`per-origin = 4\`;
- an environment name: \`HYDRANT_PER_ORIGIN=4\`.

A flag counts more than the environment, the environment more than the file, the file more than the default; a list replaces the list below it.
What is not known is refused, everywhere, with the nearest name. An empty environment name counts as absent, lists in it have one item a line.

The file is \`$XDG_CONFIG_HOME/hydrant/config.toml\`, or \`~/.config/hydrant/config.toml\`; \`--config FILE\` or \`HYDRANT_CONFIG\` names another.

\`\`\`toml
connections = 12
limit = "20M"
stall-timeout = "20s"
header = ["Accept-Language: en"]
\`\`\`

Sizes and rates take K, M, G and T, in steps of 1024 (\`64M\`, \`1.5GiB\`), times take ms, s, m, h and d; a bare number is bytes, or seconds.

${(Object.keys(headings) as OptionGroup[]).map((group) => `## ${headings[group]}\n\n${table(group)}`).join('\n\n')}

## Not available yet

${later.join(', ')} are known and refused until they do what they say. \`http_proxy\` and \`~/.netrc\` are not looked at until then.

## Several URLs, mirrors and volumes

Several URLs are several files. With \`--mirrors\` they are mirrors of one file; with \`--volumes\` they are consecutive volumes of one file, and the mirrors
of a volume go into one argument, with blanks between them:

\`\`\`sh
hydrant get --volumes "https://a.example.org/1 https://b.example.org/1" "https://a.example.org/2 https://b.example.org/2"
\`\`\`

An input file (\`-i\`) has a file, or with \`--volumes\` a volume, per line, mirrors separated by tabs, and what belongs to that file alone in indented lines below:

\`\`\`
# comments and blank lines are skipped
https://a.example.org/disk.iso	https://b.example.org/disk.iso
  out=debian.iso
  checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  header=Accept-Language: en
  referer=https://example.org/
\`\`\`

aria2's \`checksum=sha-256=HEX\` is understood as well. Headers of a file are added to those of the command line, and win over them.
`;
};

/** `docs/json-lines.md`, made from the record table. */
export const jsonLinesPage = (): string => {
  const kinds = Object.entries(recordTable) as [string, RecordKind][];
  const section = ([name, { level, help, fields }]: readonly [string, RecordKind]): string => {
    const list = Object.entries(fields).map(
      ([field, type]) => `\`${field}\` ${type.replace('?', '')}${type.endsWith('?') ? ', may be absent' : ''}`,
    );
    return `## ${name}\n\n${level}. ${help}\n\n${list.map((text) => `- ${text}`).join('\n')}`;
  };
  return `# JSON Lines

<!-- Made from src/cli/json-lines.ts: run UPDATE_DOCS=1 npx vitest run test/docs to write it anew. -->

\`--json\` writes one JSON object per line to stderr in place of text, \`--json=FD\` to another descriptor beside it, \`--log-file FILE\` appends the same
to a file. Stdout never holds anything but payload, except for \`probe\` and \`--dry-run\`, whose answers are what was asked for.

Every record begins with \`time\` (ISO 8601, UTC, milliseconds), \`level\` (\`debug\`, \`info\`, \`warning\`, \`error\`) and \`event\`; \`debug\` records are written only
under \`--debug\`. Sizes are bytes, rates bytes per second, times milliseconds. \`file\` numbers the files of a run from 0, in the order in which they
were asked for. URLs carry no passwords, and no values of query parameters that look like secrets. New fields and events may come; none of these goes.

\`\`\`json
{"time":"2026-01-02T03:04:05.678Z","level":"info","event":"done","file":0,"name":"disk.iso","path":"data/disk.iso","bytes":1048576,"elapsed":120,"skipped":false,"verified":"digest"}
\`\`\`

${kinds.map(section).join('\n\n')}
`;
};
