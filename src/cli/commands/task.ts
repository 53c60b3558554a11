import { didYouMean } from '../../core/nearest.ts';
import { invalid } from '../../core/option-value.ts';
import { keyOf, type OptionName } from '../../core/options.ts';
import { readOptions } from '../command-line.ts';
import type { World } from '../program.ts';

/** `hydrant task`: resolves with the exit code. */
export const task = async (argv: readonly string[], world: World): Promise<number> => {
  const said = await readOptions('task', argv, world);
  if (said === undefined) return 0;
  const { options, given } = said;
  const [name, ...words] = said.words;
  const { actionOptions, taskActions } = await import('../task-actions.ts');
  const names = Object.keys(taskActions);
  if (name === undefined) throw invalid('hydrant task', `needs what to do: ${names.join(', ')}; hydrant task --help tells more`);
  const act = Object.hasOwn(taskActions, name) ? taskActions[name] : undefined;
  if (act === undefined) throw invalid('hydrant task', `knows no "${name}"${didYouMean(name, names) || `: ${names.join(', ')}`}`);
  const allowed: readonly string[] = [...everywhere, ...(actionOptions[name] ?? [])];
  const odd = Object.keys(given).find((option) => !allowed.includes(option));
  if (odd !== undefined) throw invalid(`--${keyOf(odd)}`, `means nothing to hydrant task ${name}`);
  const [{ TaskServer }, { givenToken }, { openOutlet }] = await Promise.all([
    import('../task-server.ts'),
    import('../../server/given-token.ts'),
    import('../outlet.ts'),
  ]);
  const server = new TaskServer({ ...options, token: await givenToken(options) }, world.signal);
  const { json } = options;
  const out = json === undefined || json <= 2 ? world.stdout : openOutlet(json);
  return act({
    options,
    given,
    words,
    server,
    signal: world.signal,
    width: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    write: (text, value) => out.write(json === undefined ? text : `${JSON.stringify(value)}\n`),
    writeText: (text) => out.write(text),
    say: (text) => world.stderr.say(text),
  });
};

/** What says where the server is and how it is talked to. */
const everywhere: readonly OptionName[] = ['server', 'token', 'tokenFile', 'cacert', 'insecure', 'json', 'config'];
