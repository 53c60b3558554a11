import { statSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';

import { HydrantError } from '../core/errors.ts';
import { storeFailure } from '../store/failure.ts';
import { advised } from './advice.ts';

/** Where a file goes: a directory, and its name there (`/` between folders) where the user chose one. */
export interface Place {
  readonly directory: string;
  readonly name: string | undefined;
}

/**
 * What `output` and a file's own `out` mean together: a directory, or with `single` the file itself where no directory
 * is called so. `out` lies below the directory. Throws OPTION_INVALID where that cannot be, STORE_FAILED where
 * nobody can look.
 */
export const placeOf = (output: string, out: string | undefined, single: boolean): Place => {
  const kind = kindOf(output);
  const meant = output.endsWith('/') || output.endsWith(sep);
  if (kind === 'directory' || (kind === 'nothing' && (meant || out !== undefined || !single))) {
    return { directory: output, name: out === undefined ? undefined : below(out) };
  }
  if (kind === 'other') {
    throw new HydrantError('OPTION_INVALID', `"${output}" is no ordinary file: \`hydrant cat URL > ${output}\` writes into it`);
  }
  if (meant || out !== undefined || !single) {
    throw new HydrantError('OPTION_INVALID', `"${output}" is a file, where a directory is needed`);
  }
  return { directory: dirname(output), name: basename(output) };
};

const kindOf = (path: string): 'nothing' | 'file' | 'directory' | 'other' => {
  try {
    const found = statSync(path.replace(/(?<=.)[/\\]+$/, ''), { throwIfNoEntry: false });
    if (found === undefined) return 'nothing';
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : 'other';
  } catch (error) {
    throw advised(storeFailure(error, 'write', path));
  }
};

const below = (out: string): string => {
  const folders = out.split(sep === '\\' ? /[/\\]/ : '/').filter((folder) => folder !== '' && folder !== '.');
  if (folders.length === 0 || folders.includes('..') || /^(?:[/\\]|[a-z]:)/i.test(out) || out.includes('\0')) {
    throw new HydrantError('OPTION_INVALID', `"${out}" does not name a file below the output directory`);
  }
  return folders.join('/');
};
