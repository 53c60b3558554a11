import { isatty } from 'node:tty';

import { invalid } from '../core/option-value.ts';

/** Throws OPTION_INVALID where stdout is a terminal, which payload would only garble. `remedy` says what to do. */
export const refuseStdout = (remedy: string): void => {
  if (isatty(1)) throw invalid('stdout', `is a terminal, and files are seldom text: ${remedy}`);
};
