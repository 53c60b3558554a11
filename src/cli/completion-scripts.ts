/**
 * Completion scripts made from the option table. They hold the words themselves: a shell that had to start hydrant at
 * every press of the Tab key would be slower than its user.
 */
import type { OptionRow } from '../core/option-row.ts';
import { keyOf, optionTable, rowsOf } from '../core/options.ts';
import { takesNext } from './arguments.ts';
import { commandLines } from './manuals.ts';

interface Entry {
  readonly flag: string;
  readonly short: string | undefined;
  readonly row: OptionRow;
  readonly help: string;
}

const commands = commandLines.map(([name]) => name);

const entriesOf = (command: string): readonly Entry[] =>
  rowsOf(optionTable)
    .filter(([, row]) => (row.on as readonly string[]).includes(command) && row.later !== true)
    .map(([name, row]) => {
      const off = row.kind === 'flag' && row.default === true;
      const help = `${off ? 'do not ' : ''}${row.help}`.replace(/[:;,(].*$/, '');
      return { flag: off ? `--no-${keyOf(name)}` : `--${keyOf(name)}`, short: off ? undefined : row.short, row, help };
    });

/** Words that come first after a command. */
const actions: Readonly<Record<string, string>> = {
  completion: 'bash zsh fish',
  task: 'ls add show edit rm pause resume fill export import',
};

const choicesOf = (row: OptionRow): readonly string[] => row.choices ?? [];

/** A script for bash. */
export const bashScript = (): string => {
  const cases = commands.map(
    (command) =>
      `    ${command}) words="${[...(actions[command]?.split(' ') ?? []), ...entriesOf(command).map(({ flag }) => flag), '--help'].join(' ')}" ;;`,
  );
  const rows = rowsOf(optionTable);
  const names = (entries: readonly (readonly [string, OptionRow])[]): string =>
    entries.flatMap(([name, row]) => [`--${keyOf(name)}`, ...(row.short === undefined ? [] : [`-${row.short}`])]).join('|');
  const chosen = rows
    .filter(([, row]) => row.kind === 'choice')
    .map(([name, row]) => `    ${names([[name, row]])}) COMPREPLY=($(compgen -W "${choicesOf(row).join(' ')}" -- "$word")); return ;;`);
  const paths = names(rows.filter(([, row]) => row.kind === 'path' && row.later !== true));
  const others = names(rows.filter(([, row]) => takesNext(row) && row.kind !== 'path' && row.kind !== 'choice'));
  return `# hydrant completion for bash
_hydrant() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.join(' ')} --help --version" -- "$word"))
    return
  fi
  case $before in
${chosen.join('\n')}
    ${paths}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${others}) return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o filenames -F _hydrant hydrant
`;
};

/** A script for zsh. */
export const zshScript = (): string => {
  const quoted = (text: string): string => text.replace(/'/g, "'\\''").replace(/[[\]]/g, '\\$&').replaceAll(':', '\\:');
  const value = (row: OptionRow): string => {
    if (!takesNext(row)) return '';
    const action = row.kind === 'path' ? '_files' : row.kind === 'choice' ? `(${choicesOf(row).join(' ')})` : ' ';
    return `:${quoted(row.value ?? 'value')}:${action}`;
  };
  const spec = ({ flag, short, row, help }: Entry): string => {
    const many = row.kind === 'list' || row.kind === 'header' ? '*' : '';
    const names = short === undefined ? [flag] : [`-${short}`, flag];
    return names.map((name) => `        '${many}${name}[${quoted(help)}]${value(row)}'`).join(' \\\n');
  };
  const first = (command: string): string => (actions[command] === undefined ? '' : `        '1:action:(${actions[command]})' \\\n`);
  const cases = commands.map((command) =>
    command === 'completion'
      ? `    completion) _values shell bash zsh fish ;;`
      : `    ${command})\n      _arguments -s \\\n${entriesOf(command).map(spec).join(' \\\n')} \\\n${first(command)}        '*:URL:_urls'\n      ;;`,
  );
  return `#compdef hydrant
_hydrant() {
  if (( CURRENT == 2 )); then
    local -a commands=(${commandLines.map(([name, about]) => `'${name}:${quoted(about)}'`).join(' ')})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _hydrant ]; then _hydrant "$@"; else compdef _hydrant hydrant; fi
`;
};

/** A script for fish. */
export const fishScript = (): string => {
  const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = commandLines.map(([name, about]) => `complete -c hydrant -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`);
  for (const command of commands) {
    const when = `-n '__fish_seen_subcommand_from ${command}'`;
    if (actions[command] !== undefined) lines.push(`complete -c hydrant ${when} -f -a '${actions[command]}'`);
    for (const { flag, short, row, help } of entriesOf(command)) {
      const value = !takesNext(row)
        ? ''
        : row.kind === 'path'
          ? ' -r -F'
          : row.kind === 'choice'
            ? ` -x -a ${quoted(choicesOf(row).join(' '))}`
            : ' -x';
      lines.push(`complete -c hydrant ${when}${short === undefined ? '' : ` -s ${short}`} -l ${flag.slice(2)}${value} -d ${quoted(help)}`);
    }
  }
  return `# hydrant completion for fish\n${lines.join('\n')}\n`;
};
