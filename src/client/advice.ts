import { HydrantError } from '../core/errors.ts';

const reasons = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'];

/** `error`, with what to do about it where it is about a directory that cannot be written to. */
export const advised = (error: unknown): unknown => {
  if (!(error instanceof HydrantError) || error.side !== 'local') return error;
  const reason = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  if (reason === undefined || !reasons.includes(reason)) return error;
  return new HydrantError(error.code, `${error.message}; choose another directory (--output)`, { cause: error.cause });
};
