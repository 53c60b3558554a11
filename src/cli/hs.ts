#!/usr/bin/env node
/** `hs`: HydraStream's command line, options and exit codes over hydrant's engine. */
import { homedir } from 'node:os';

import { makeFolder } from '../client/make-folder.ts';
import { HydrantError } from '../core/errors.ts';
import type { OptionRow } from '../core/option-row.ts';
import { type Options, optionTable } from '../core/options.ts';
import type { WriteAnswer } from './answers.ts';
import { readArguments } from './arguments.ts';
import { helpText, type Manual } from './help.ts';
import { filesOf, linksIn, validLinks } from './hs-links.ts';
import { type HsOptions, hsAliases, hsTable, inFull } from './hs-options.ts';
import { hsCode, hsManner, hydrantOptions } from './hs-settings.ts';
import { jsonLine, recordOf } from './json-lines.ts';
import { runProgram, type World } from './program.ts';
import { readAll } from './read-all.ts';
import type { Manner } from './report.ts';
import { requestHeaders } from './request-headers.ts';
import { configAt, givenOptions, withHome } from './settings.ts';
import { refuseStdout } from './stdout-guard.ts';
import { version } from './version.ts';

const manual: Manual = {
  usage: ['hs [OPTIONS] [LINKS]…'],
  about:
    "HydraStream's command, on hydrant's engine: downloads files in many requests at once, or streams them to stdout. " +
    'Options may also be kept in ~/.config/hydrastream/config.toml.',
  examples: [
    'hs "https://example.org/genome.fna.gz" -t 20 --output ./data',
    'hs "https://example.org/genome.fna.gz" --stream -q | zcat | wc -l',
    'hs --input urls.txt --threads 20 --output ./datasets',
  ],
};

const takes = (row: OptionRow): boolean => row.on.length > 0;

const main = async (argv: readonly string[], world: World): Promise<number> => {
  const given = readArguments({ program: 'hs', table: hsTable, takes, versionShort: 'v' }, inFull(argv));
  if (given.help || given.version) {
    await world.stdout.write(given.help ? helpText(manual, hsTable, takes, 'v') : `hs (hydrant) ${version()}\n`);
    return 0;
  }
  const file = await configAt(hsTable, `${homedir()}/.config/hydrastream/config.toml`, hsAliases);
  const said: HsOptions = withHome(hsTable, { ...file, ...given.values });
  try {
    return await run(given.positionals, said, world);
  } catch (error) {
    if (said.quiet !== true || said.debug === true || !(error instanceof HydrantError)) throw error;
    return error.exitCode;
  }
};

const run = async (positionals: readonly string[], said: HsOptions, world: World): Promise<number> => {
  const own = withHome(optionTable, await givenOptions({}));
  const warnings: string[] = [];
  const links = validLinks(await linksOf(positionals, said, world), (warning) => warnings.push(warning));
  const options = hydrantOptions(own, said, links.length);
  if (!options.quiet) for (const warning of warnings) world.stderr.say(`hydrant: ${warning}\n`);
  if (links.length === 0) throw new HydrantError('OPTION_INVALID', 'no valid URL: hs https://…, or --input FILE; hs --help tells more');
  const { checksum } = options;
  const files = filesOf(links, requestHeaders(options)).map((spec) => (checksum === undefined ? spec : { ...spec, checksum }));
  if (options.dryRun) return (await import('./dry-run.ts')).dryRun(files, options, world, onStderr(options, world));
  const { toDisk, toStdout } = await import('./deliver.ts');
  const manner = hsManner(options, said.stream === true);
  if (said.stream !== true) return toDisk(files, options, await withLogDirectory(manner, options), world);
  refuseStdout('pipe it into a program, or leave --stream away');
  return toStdout(files, options, manner, world);
};

/** Nothing but payload goes to HydraStream's stdout, and to a quiet one's stderr nothing at all. */
const onStderr =
  ({ json, quiet }: Options, world: World): WriteAnswer =>
  async (text, events) => {
    if (!quiet) await world.stderr.write(json === undefined ? text : events.map((event) => jsonLine(recordOf(event, Date.now()))).join(''));
  };

/** URLs from the command line and `--input`; those of the configuration where there are none. */
const linksOf = async (positionals: readonly string[], said: HsOptions, world: World): Promise<readonly string[]> => {
  const listed = said.input === undefined ? [] : linksIn(await readAll(said.input, '--input', world.signal));
  const links = [...positionals, ...listed];
  return links.length > 0 || said.input !== undefined ? links : (said.links ?? []);
};

/** The log is written below the output directory, which may have to be made first; without one there is no log, and the download says why. */
const withLogDirectory = async (manner: Manner, { output }: Options): Promise<Manner> => {
  try {
    await makeFolder(output);
    return manner;
  } catch {
    return { ...manner, logFile: undefined };
  }
};

await runProgram((world) => main(process.argv.slice(2), world), hsCode);
