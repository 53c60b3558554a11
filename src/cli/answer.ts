import type { FileSpec } from '../client/file-spec.ts';
import type { ProbeResult } from '../client/probe.ts';
import { errorTable, type HydrantError } from '../core/errors.ts';

/** What the sources of one file said, or why nothing is known of it. */
export interface Answer {
  readonly file: FileSpec;
  readonly result?: ProbeResult;
  readonly error?: HydrantError;
}

/** The exit code that an answer stands for: 0 where the file could be fetched, whatever befell some of its mirrors. */
export const answerCode = ({ result, error }: Answer): number => {
  if (result === undefined) return error?.exitCode ?? 0;
  if (disagree(result)) return errorTable.SOURCES_DISAGREE.exit;
  const volumes = [...new Set(result.sources.map(({ volume }) => volume))];
  const lost = volumes.filter((volume) => result.sources.every((source) => source.volume !== volume || source.error !== undefined));
  return Math.max(0, ...result.sources.map((source) => (lost.includes(source.volume) ? (source.error?.exitCode ?? 0) : 0)));
};

/** Whether sources of one volume that answered serve different files, as far as their lengths and samples tell. */
export const disagree = ({ agree }: ProbeResult): boolean => !agree;
