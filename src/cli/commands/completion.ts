import { HydrantError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { optionTable } from '../../core/options.ts';
import { readArguments } from '../arguments.ts';
import { bashScript, fishScript, zshScript } from '../completion-scripts.ts';
import { helpText } from '../help.ts';
import { manuals } from '../manuals.ts';
import type { World } from '../program.ts';

const shells: Readonly<Record<string, () => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `hydrant completion SHELL`: writes the shell's script to stdout; resolves with the exit code. */
export const completion = async (argv: readonly string[], world: World): Promise<number> => {
  const given = readArguments({ program: 'hydrant completion', table: optionTable, takes: () => false }, argv);
  if (given.help) {
    await world.stdout.write(helpText(manuals.completion, {}, () => false));
    return 0;
  }
  const [shell = ''] = given.positionals;
  const script = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (script === undefined || given.positionals.length > 1) {
    const near = didYouMean(shell, Object.keys(shells));
    throw new HydrantError(
      'OPTION_INVALID',
      `hydrant completion needs one shell: bash, zsh or fish${shell === '' ? '' : `, not "${shell}"${near}`}`,
    );
  }
  await world.stdout.write(script());
  return 0;
};
