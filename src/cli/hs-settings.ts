import { invalid } from '../core/option-value.ts';
import { layered, type Options, optionTable } from '../core/options.ts';
import type { HsOptions } from './hs-options.ts';
import type { Manner } from './report.ts';

const MiB = 2 ** 20;

/** hydrant's options for a run of `hs`: HydraStream's over those that hydrant's own configuration gives. `count` is how many URLs there are. */
export const hydrantOptions = (own: Partial<Options>, said: HsOptions, count: number): Options => {
  const directory = said.output ?? own.output ?? 'download';
  const chunk = said.stream === true ? said.streamChunkMb : undefined;
  return layered(optionTable, own, {
    // With its slash a directory that is not there yet can't be taken for the name of a file.
    output: `${directory.replace(/\/+$/, '')}/`,
    dryRun: said.dryRun ?? false,
    ...(said.verify !== undefined && { verify: said.verify }),
    ...(said.quiet !== undefined && { quiet: said.quiet }),
    // Whoever wants to see stacks wants to see something.
    ...(said.debug !== undefined && { debug: said.debug, ...(said.debug && { quiet: false }) }),
    ...(said.noUi !== undefined && { progress: !said.noUi }),
    ...(said.json !== undefined && { json: said.json ? 2 : undefined }),
    ...(said.threads !== undefined && { connections: said.threads }),
    ...(said.limit !== undefined && { limit: Math.max(1, Math.round(said.limit * MiB)) }),
    ...(said.buffer !== undefined && { buffer: said.buffer * MiB }),
    ...(chunk !== undefined && { lease: chunk * MiB }),
    ...(said.checksum !== undefined && { checksum: checksumOf(said.checksum, said.typehash ?? 'md5', count) }),
  });
};

/** How `hs` speaks: quiet is silence, and a run to disk writes `download.log`, as people read it unless --json. */
export const hsManner = (options: Options, stream: boolean): Manner => ({
  ...options,
  silent: options.quiet,
  plainLog: options.json === undefined,
  ...(!stream && options.logFile === undefined && { logFile: `${options.output}download.log` }),
});

/** Exit codes as HydraStream has them: a changed file is a network error, a full disk a general one, every stop an interrupt. */
export const hsCode = (code: number): number => {
  if (code === 5) return 4;
  if (code === 6) return 1;
  return code === 143 ? 130 : code;
};

type Algorithm = NonNullable<HsOptions['typehash']>;

/** Hex digits of each algorithm's digest; the shakes may have any even number. */
const digits: Readonly<Partial<Record<Algorithm, number>>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  blake2b: 128,
  blake2s: 64,
  sha3_224: 56,
  sha3_256: 64,
  sha3_384: 96,
  sha3_512: 128,
};

const checksumOf = (text: string, algorithm: Algorithm, count: number): string => {
  if (count > 1) throw invalid('--checksum', `is for a single URL, and there are ${count}`);
  const hex = text.trim().toLowerCase();
  const expected = digits[algorithm];
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) throw invalid('--checksum', `is a number in hex digits, not "${text}"`);
  if (expected !== undefined && hex.length !== expected) {
    throw invalid('--checksum', `has ${hex.length} hex digits where ${algorithm} has ${expected}; -th names another algorithm`);
  }
  return `${algorithm.replace('sha3_', 'sha3-')}:${hex}`;
};
