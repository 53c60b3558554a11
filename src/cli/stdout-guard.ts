import { readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';

import { HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import { accessOf } from './access.ts';

/** Throws where payload has no place on stdout: OPTION_INVALID on a terminal, which it would only garble; STORE_FAILED where it is closed. `remedy` says what to do. */
export const refuseStdout = (remedy: string): void => {
  if (isatty(1)) throw invalid('stdout', `is a terminal, and files are seldom text: ${remedy}`);
  if (isClosed()) throw new HydrantError('STORE_FAILED', `stdout is closed, or is /dev/null opened for reading too: ${remedy}`);
};

/**
 * Whether the program was started without a stdout. Node then puts /dev/null in its place, open for reading too, which
 * is all that is left to see of it: a shell opens its `> /dev/null` for writing alone.
 */
const isClosed = (): boolean => {
  try {
    return accessOf(1) === 'both' && readlinkSync('/proc/self/fd/1') === '/dev/null';
  } catch {
    return false;
  }
};
