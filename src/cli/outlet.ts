import { fstatSync, openSync, readdirSync, type Stats } from 'node:fs';

import { HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';
import { accessOf } from './access.ts';
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
  if (isOutlet(fd)) return new Descriptor(fd);
  throw invalid(`--json=${fd}:`, `descriptor ${fd} is not open for writing; in a shell: ${fd}>events.jsonl`);
};

/**
 * Whether `fd` was given to the program to write to. Node keeps descriptors of its own in the same numbers, and a line
 * of text in one of those would break it: it reads the other ends of its pipes itself.
 */
const isOutlet = (fd: number): boolean => {
  const stats = statsOf(fd);
  if (stats === undefined || !(stats.isFile() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice())) return false;
  if (process.platform !== 'linux') return true;
  if (isReadOnly(fd)) return false;
  if (!stats.isFIFO()) return true;
  const others = readdirSync('/proc/self/fd').map(Number);
  return !others.some((other) => statsOf(other)?.ino === stats.ino && isReadOnly(other));
};

const statsOf = (fd: number): Stats | undefined => {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
};

const isReadOnly = (fd: number): boolean => accessOf(fd) === 'reading';
