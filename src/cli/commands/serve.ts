import { HydrantError } from '../../core/errors.ts';
import { readOptions } from '../command-line.ts';
import type { World } from '../program.ts';
import { printable } from '../text.ts';

/** What the program may take after the grace to save and go. */
const windUp = 5_000;

/** `hydrant serve`: resolves with 0 once a signal has ended it. */
export const serve = async (argv: readonly string[], world: World): Promise<number> => {
  const said = await readOptions('serve', argv, world);
  if (said === undefined) return 0;
  const { options, words } = said;
  if (words.length > 0) {
    throw new HydrantError('OPTION_INVALID', `hydrant serve takes options only, not "${words[0]}"; hydrant task add makes tasks`);
  }
  // Nothing else needs these files, and they are many.
  const { serverOptions, banner } = await import('../serving.ts');
  const [{ startServer }, { openParts }] = await Promise.all([import('../../server/server.ts'), import('../../server/parts.ts')]);
  const asked = await serverOptions(options, (message) => world.stderr.say(`hydrant: ${printable(message)}\n`));
  const server = await startServer(asked, openParts);
  world.serves(options.grace + windUp);
  world.stderr.say(banner(server, { ...asked, quiet: options.quiet }));
  const { signal } = world;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await server.close(options.grace);
  return 0;
};
