import { getSystemErrorMap } from 'node:util';

import { HydrantError } from '../core/errors.ts';

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** `error` of a file operation as DISK_FULL or STORE_FAILED, in one line: `cannot write /x/y.part: permission denied`. */
export const storeFailure = (error: unknown, act: string, path: string): HydrantError => {
  if (error instanceof HydrantError) return error;
  const { code, errno } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  const reason = known ?? (error instanceof Error ? error.message : String(error));
  const full = code !== undefined && fullCodes.has(code);
  return new HydrantError(full ? 'DISK_FULL' : 'STORE_FAILED', `cannot ${act} ${path}: ${reason}`, { cause: error });
};

/** Runs `work`; what it throws leaves as a `storeFailure`. */
export const guarded = async <T>(act: string, path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error, act, path);
  }
};

/** Whether `error` says that there is no such file. */
export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
