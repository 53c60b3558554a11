import type { OptionTable, Values } from '../core/option-row.ts';
import { keyOf, rowsOf } from '../core/options.ts';
import { takesNext } from './arguments.ts';

const on = ['get'] as const;

/** The options of `hs`, with the names, units and bounds that HydraStream gives them; its megabytes are MiB. */
export const hsTable = {
  links: { kind: 'list', default: [], value: 'URL', group: 'files', on: [], help: 'URLs to download when none are given otherwise' },
  input: {
    kind: 'path',
    default: undefined,
    short: 'i',
    value: 'FILE',
    group: 'files',
    on,
    help: 'read URLs from a text file, one per line, or - for stdin',
  },
  output: {
    kind: 'path',
    default: undefined,
    short: 'o',
    value: 'DIR',
    group: 'files',
    on,
    help: 'directory for downloaded files [download]',
  },
  stream: {
    kind: 'flag',
    default: false,
    short: 's',
    group: 'files',
    on,
    help: 'write the bytes to stdout, in order; nothing touches the disk',
  },
  dryRun: { kind: 'flag', default: false, group: 'files', on, help: 'ask the sources and look at the free space; download nothing' },
  checksum: { kind: 'text', default: undefined, value: 'HEX', group: 'checks', on, help: 'expected checksum, for a single URL' },
  typehash: {
    kind: 'choice',
    default: 'md5',
    short: 'th',
    value: 'ALGO',
    choices: [
      'md5',
      'sha1',
      'sha224',
      'sha256',
      'sha384',
      'sha512',
      'blake2b',
      'blake2s',
      'sha3_224',
      'sha3_256',
      'sha3_384',
      'sha3_512',
      'shake_128',
      'shake_256',
    ],
    group: 'checks',
    on,
    help: 'algorithm of --checksum: md5, sha1, sha224 to sha512, sha3_224 to sha3_512, shake_128, shake_256, blake2b or blake2s',
  },
  verify: {
    kind: 'flag',
    default: true,
    short: 'V',
    shortOff: 'N',
    group: 'checks',
    on,
    help: 'look for a published checksum (none is looked for yet)',
  },
  threads: {
    kind: 'count',
    default: undefined,
    short: 't',
    value: 'N',
    min: 1,
    max: 128,
    unset: 'auto',
    group: 'speed',
    on,
    help: 'concurrent requests, at most',
  },
  limit: {
    kind: 'number',
    default: undefined,
    short: 'l',
    value: 'MB/S',
    min: 0.001,
    group: 'speed',
    on,
    help: 'megabytes per second over everything',
  },
  buffer: {
    kind: 'count',
    default: undefined,
    short: 'b',
    value: 'MB',
    min: 50,
    group: 'speed',
    on,
    help: 'payload held in memory, at most [64]',
  },
  minChunkMb: {
    kind: 'count',
    default: undefined,
    value: 'MB',
    min: 1,
    group: 'speed',
    on,
    help: 'accepted; requests are made as long as pays, seldom shorter than this',
  },
  streamChunkMb: {
    kind: 'count',
    default: undefined,
    value: 'MB',
    min: 1,
    group: 'speed',
    on,
    help: 'with --stream, what one request asks for, at most',
  },
  browser: {
    kind: 'text',
    default: undefined,
    short: 'B',
    value: 'PROFILE',
    group: 'network',
    on,
    later: true,
    help: 'TLS and HTTP fingerprint of a browser',
  },
  noUi: { kind: 'flag', default: false, short: 'nu', group: 'messages', on, help: 'plain lines, no progress bars' },
  quiet: { kind: 'flag', default: false, short: 'q', group: 'messages', on, help: 'dead silence; the log file is still written' },
  json: { kind: 'flag', default: false, short: 'j', group: 'messages', on, help: 'JSON Lines, on stderr and in the log file' },
  debug: { kind: 'flag', default: false, short: 'd', group: 'messages', on, help: 'tell of every request, and show stacks; not quiet' },
} as const satisfies OptionTable;

/** What the command line and the configuration of `hs` say together; what neither does is absent. */
export type HsOptions = Partial<Values<typeof hsTable>>;

/** Keys that HydraStream's configuration may spell otherwise. */
export const hsAliases: Readonly<Record<string, string>> = {
  output_dir: 'output',
  speed_limit: 'limit',
  json_logs: 'json',
  impersonate: 'browser',
  dry_run: 'dry-run',
  no_ui: 'no-ui',
  min_chunk_mb: 'min-chunk-mb',
  min_chunk_size_mb: 'min-chunk-mb',
  stream_chunk_mb: 'stream-chunk-mb',
  max_stream_chunk_size_mb: 'stream-chunk-mb',
  buffer_size_mb: 'buffer',
};

/** `argv` with its short names of two letters (`-th`, `-nu`) written in full; values and what follows `--` stay as they are. */
export const inFull = (argv: readonly string[]): readonly string[] => {
  const valued = new Set(rowsOf(hsTable).flatMap(([name, row]) => (takesNext(row) ? [`--${keyOf(name)}`, `-${row.short}`] : [])));
  const full: string[] = [];
  let isValue = false;
  for (const [index, word] of argv.entries()) {
    if (word === '--' && !isValue) return [...full, ...argv.slice(index)];
    full.push(isValue ? word : word.replace(/^-th(?==|$)/, '--typehash').replace(/^-nu$/, '--no-ui'));
    isValue = !isValue && valued.has(word);
  }
  return full;
};
