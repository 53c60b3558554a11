import { openSync } from 'node:fs';

import { HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import { Descriptor } from './descriptor.ts';

/** A log file to append to, readable by its owner alone: URLs may be private. Throws STORE_FAILED. */
export const openLog = (path: string): Descriptor => {
  try {
    return new Descriptor(openSync(path, 'a', 0o600));
  } catch (error) {
    throw new HydrantError('STORE_FAILED', `the log file ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
};

/** The descriptor of `--json=FD`. Throws OPTION_INVALID where the program was started without it. */
export const openOutlet = (fd: number): Descriptor => {
  if (Descriptor.isOpen(fd)) return new Descriptor(fd);
  throw invalid(`--json=${fd}:`, `descriptor ${fd} is not open; in a shell: ${fd}>events.jsonl`);
};
