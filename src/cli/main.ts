#!/usr/bin/env node
import { HydrantError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { commandLines } from './manuals.ts';
import { runProgram, type World } from './program.ts';
import { version } from './version.ts';

/** Each command is loaded when it is called: `--version` needs no HTTP client. */
const commands: Readonly<Record<string, () => Promise<(argv: readonly string[], world: World) => Promise<number>>>> = {
  get: async () => (await import('./commands/get.ts')).get,
  cat: async () => (await import('./commands/cat.ts')).cat,
  probe: async () => (await import('./commands/probe.ts')).probe,
  serve: async () => (await import('./commands/serve.ts')).serve,
  task: async () => (await import('./commands/task.ts')).task,
  completion: async () => (await import('./commands/completion.ts')).completion,
};

const overview = `Usage: hydrant COMMAND [OPTIONS] …

Fast, right, ordered bytes from slow, unreliable HTTP.

Commands:
${commandLines.map(([name, about]) => `  ${name.padEnd(12)}${about}`).join('\n')}

hydrant COMMAND --help tells more. hydrant --version tells the version.
`;

const main = async (argv: readonly string[], world: World): Promise<number> => {
  const [name, ...rest] = argv;
  if (name === undefined) {
    await world.stderr.write(overview);
    return 2;
  }
  if (name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    await world.stdout.write(overview);
    return 0;
  }
  if (name === '--version' || name === '-V') {
    await world.stdout.write(`hydrant ${version()}\n`);
    return 0;
  }
  const [called, args] = name === 'help' ? [rest[0] ?? '', ['--help']] : [name, rest];
  const load = Object.hasOwn(commands, called) ? commands[called] : undefined;
  if (load === undefined) throw new HydrantError('OPTION_INVALID', noCommand(called));
  return (await load())(args, world);
};

const noCommand = (name: string): string => {
  if (name.startsWith('-')) return `the command comes first: hydrant get [OPTIONS] URL…, not hydrant ${name}`;
  if (/^https?:\/\//i.test(name)) return `which command? hydrant get ${name} downloads it, hydrant cat ${name} writes it to stdout`;
  const near = nearest(name, Object.keys(commands));
  return `there is no command "${name}"${near === undefined ? '; hydrant --help lists them' : ` (did you mean ${near}?)`}`;
};

await runProgram((world) => main(process.argv.slice(2), world));
