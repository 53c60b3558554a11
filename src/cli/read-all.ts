import { createReadStream } from 'node:fs';

import { HydrantError } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';

/** Longest list that is read, in bytes: more is surely no list of URLs. */
const longest = 64 * 1024 * 1024;

/** All text of the file at `path`, or of stdin where that is `-`. Throws OPTION_INVALID that begins with `place`. */
export const readAll = async (path: string, place: string, signal: AbortSignal): Promise<string> => {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  const parts: Buffer[] = [];
  let size = 0;
  const end = (): void => void stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size > longest) throw invalid(place, `${path} is too long to be a list of URLs`);
    }
  } catch (error) {
    if (signal.aborted) throw new HydrantError('STOPPED');
    if (error instanceof HydrantError) throw error;
    throw invalid(place, `cannot be read: ${reasonOf(error as NodeJS.ErrnoException, path)}`);
  } finally {
    signal.removeEventListener('abort', end);
  }
  return Buffer.concat(parts).toString('utf8');
};

const reasonOf = (error: NodeJS.ErrnoException, path: string): string => {
  if (error.code === 'ENOENT') return `there is no file ${path}`;
  if (error.code === 'EISDIR') return `${path} is a directory`;
  return error.message;
};
