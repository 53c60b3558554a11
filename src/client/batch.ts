import { HydrantError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { DownloadOptions, DownloadResult } from './download.ts';
import type { FileSpec } from './file-spec.ts';

/** How one file of a batch ended. */
export type BatchOutcome = { readonly file: FileSpec } & (
  | { readonly result: DownloadResult; readonly error?: undefined }
  | { readonly error: HydrantError; readonly result?: undefined }
);

/** As for one file, and how many at once (4 unless told otherwise); `buffer` is that of all of them together. */
export interface BatchOptions extends DownloadOptions {
  readonly jobs?: number;
}

/**
 * Downloads `files`, the earlier ones first; outcomes in the same order. No file's failure stops another, and no two get
 * one name. More than one go into `output` as a directory. What `signal` cuts short, or keeps from starting, is STOPPED.
 */
export const batch = async (
  client: Pick<Client, 'run'>,
  files: readonly FileSpec[],
  { jobs = 4, ...options }: BatchOptions,
  signal?: AbortSignal,
): Promise<readonly BatchOutcome[]> => {
  const run = client.run(files.length <= 1);
  const { buffer, ...rest } = options;
  const shared = buffer === undefined ? rest : { ...rest, buffer: buffer / Math.max(1, Math.min(jobs, files.length)) };
  const outcomes: BatchOutcome[] = [];
  const queue = files.entries();
  const worker = async (): Promise<void> => {
    for (const [index, file] of queue) {
      try {
        if (signal?.aborted) throw new HydrantError('STOPPED', 'stopped before it was begun', { cause: signal.reason });
        outcomes[index] = { file, result: await run.download(file, shared, signal) };
      } catch (error) {
        if (!(error instanceof HydrantError)) throw error;
        outcomes[index] = { file, error };
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
    return outcomes;
  } finally {
    run.end();
  }
};
