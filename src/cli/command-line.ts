import { isatty } from 'node:tty';

import type { FileSpec } from '../client/file-spec.ts';
import type { CommandName, OptionRow } from '../core/option-row.ts';
import { invalid } from '../core/option-value.ts';
import { type Options, optionTable } from '../core/options.ts';
import { readArguments } from './arguments.ts';
import { helpText } from './help.ts';
import { readInput } from './input-file.ts';
import { manuals } from './manuals.ts';
import { planFiles } from './plan.ts';
import type { World } from './program.ts';
import { readAll } from './read-all.ts';
import { resolveOptions } from './settings.ts';
import { version } from './version.ts';

/** What a command is asked to do. */
export interface Asked {
  readonly options: Options;
  readonly files: readonly FileSpec[];
}

/** A command line whose options are known, and whose other words are not looked at yet. */
export interface Said {
  /** All options: what the configuration and the environment say, too. */
  readonly options: Options;
  /** Those of the command line alone. */
  readonly given: Partial<Options>;
  readonly words: readonly string[];
}

/** Reads the options of `name`; undefined where only help or the version was asked for, which is then printed. Throws OPTION_INVALID. */
export const readOptions = async (name: CommandName, argv: readonly string[], world: World): Promise<Said | undefined> => {
  const takes = (row: OptionRow): boolean => row.on.includes(name);
  const {
    help,
    version: asksVersion,
    values,
    positionals,
  } = readArguments({ program: `hydrant ${name}`, table: optionTable, takes }, argv);
  if (help || asksVersion) {
    await world.stdout.write(help ? helpText(manuals[name], optionTable, takes) : `hydrant ${version()}\n`);
    return undefined;
  }
  return { options: await resolveOptions(values), given: values, words: positionals };
};

/** Reads the command line of `name`; undefined where it only asked for help or the version, which is then printed. Throws OPTION_INVALID. */
export const readCommandLine = async (name: CommandName, argv: readonly string[], world: World): Promise<Asked | undefined> => {
  const said = await readOptions(name, argv, world);
  if (said === undefined) return undefined;
  const { options, words } = said;
  const { input } = options;
  if (words.length === 0 && input === undefined) {
    throw invalid(`hydrant ${name}`, `needs a URL: hydrant ${name} https://…, or -i FILE; hydrant ${name} --help tells more`);
  }
  const place = input === '-' ? 'stdin' : (input ?? '');
  if (input === '-' && isatty(0)) world.stderr.say('hydrant: reading URLs from the terminal, Ctrl-D ends them\n');
  const list = input === undefined ? [] : readInput(await readAll(input, '--input', world.signal), place);
  const files = planFiles(words, list, options, place);
  if (files.length === 0) throw invalid(place, 'holds no URL');
  return { options, files };
};
