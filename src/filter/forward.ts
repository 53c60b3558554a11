/**
 * Encrypts and splits a file of the server's into others. Reads and writes below one directory only, never over what is
 * there, and takes away what it wrote where it doesn't come to its end. Memory: two buffers.
 */
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { HydrantError, toHydrantError } from '../core/errors.ts';
import type { Random } from '../core/ports.ts';
import { formatSize } from '../core/size.ts';
import { ChaCha20, type ChaCha20Secret } from './chacha20.ts';
import { codeOf, makeBelow, openBelow, realRoot } from './confined.ts';
import { type ForwardParams, type ForwardRequest, forwardParams } from './forward-params.ts';
import { volumeNames, volumeSizes } from './volumes.ts';

/** How far the tool is, as a line of the answer has it. */
export interface ForwardProgress {
  readonly type: 'progress';
  readonly bytes_done: number;
  readonly bytes_total: number;
  readonly phase: 'encrypt' | 'split';
}

/** What the tool has done, as the last line of the answer has it. */
export interface ForwardResult {
  readonly type: 'result';
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly info: ForwardInfo;
  readonly message: string;
}

/** The files that were written, and the secret where they were encrypted. */
export interface ForwardInfo {
  readonly encrypted: boolean;
  readonly secret?: string;
  readonly key?: string;
  readonly nonce?: string;
  readonly total_size: number;
  readonly volume_count: number;
  readonly volumes: readonly { readonly path: string; readonly size: number }[];
  readonly generated_secret?: boolean;
}

/** Where the tool may work: below `root`. `random` chooses sizes of volumes. */
export interface ForwardPlace {
  readonly root: string;
  readonly random?: Random;
}

const interval = 100;
const stride = 32 * 1_048_576;

/**
 * Does what `request` asks: progress, the first at 0 bytes and the last at all of them, then the result. Throws
 * OPTION_INVALID, DISK_FULL, STORE_FAILED or STOPPED; then, and where the reader leaves early, nothing it wrote stays.
 */
export async function* forward(
  request: ForwardRequest,
  place: ForwardPlace,
  signal?: AbortSignal,
): AsyncGenerator<ForwardProgress | ForwardResult, void> {
  const params = forwardParams(request);
  const root = await realRoot(place.root);
  const input = await openBelow(root, params.input, 'input_path');
  const made: string[] = [];
  let directory: Awaited<ReturnType<typeof makeBelow>> | undefined;
  let whole = false;
  try {
    const { size: total } = await input.handle.stat();
    const sizes = volumeSizes(total, params.maxVolume, params.mode, place.random ?? Math.random);
    const names = volumeNames(params.prefix(basename(input.path)), params.suffix, sizes.length);
    const filter = params.secret && new ChaCha20(params.secret);
    filter?.check(total);
    directory = await makeBelow(root, params.outputDirectory, 'output_dir');
    const { path } = directory;
    const volumes = sizes.map((size, index) => ({ path: join(path, names[index] ?? ''), size }));
    for (const volume of volumes) await refuseTaken(volume.path);
    yield* copy({ input: input.handle, total, volumes, made, filter, bufferSize: params.bufferSize }, signal);
    whole = true;
    yield resultOf(params, total, volumes);
  } catch (error) {
    throw toHydrantError(error, ['ENOSPC', 'EDQUOT'].includes(String(codeOf(error))) ? 'DISK_FULL' : 'STORE_FAILED');
  } finally {
    await input.handle.close();
    if (!whole) {
      for (const file of made) await rm(file, { force: true });
      await directory?.undo();
    }
  }
}

interface Copying {
  readonly input: FileHandle;
  readonly total: number;
  readonly volumes: ForwardInfo['volumes'];
  /** Paths of what was made, for who has to take it away. */
  readonly made: string[];
  readonly filter: ChaCha20 | undefined;
  readonly bufferSize: number;
}

async function* copy(copying: Copying, signal: AbortSignal | undefined): AsyncGenerator<ForwardProgress, void> {
  const { input, total, filter } = copying;
  const buffer = Buffer.allocUnsafeSlow(copying.bufferSize);
  let done = 0;
  let told = { at: performance.now(), done: 0 };
  const progress = (): ForwardProgress => ({
    type: 'progress',
    bytes_done: done,
    bytes_total: total,
    phase: filter === undefined ? 'split' : 'encrypt',
  });
  yield progress();
  for (const { path, size } of copying.volumes) {
    const output = await create(path);
    copying.made.push(path);
    try {
      for (const end = done + size; done < end; ) {
        if (signal?.aborted === true) throw new HydrantError('STOPPED');
        const { bytesRead } = await input.read(buffer, 0, Math.min(buffer.length, end - done), done);
        if (bytesRead === 0) throw changed();
        const bytes = buffer.subarray(0, bytesRead);
        await writeAll(output, filter?.apply(done, bytes) ?? bytes);
        done += bytesRead;
        const at = performance.now();
        if (done < total && (at - told.at >= interval || done - told.done >= stride)) {
          told = { at, done };
          yield progress();
        }
      }
      await output.sync();
    } finally {
      await output.close();
    }
  }
  if ((await input.stat()).size !== total) throw changed();
  yield progress();
}

const changed = (): HydrantError => new HydrantError('STORE_FAILED', 'the input changed its length while it was read');

const writeAll = async (output: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let start = 0; start < bytes.length; ) start += (await output.write(bytes, start)).bytesWritten;
};

const taken = (path: string): HydrantError =>
  new HydrantError('OPTION_INVALID', `${JSON.stringify(basename(path))} is there already; nothing is overwritten`);

/** A volume that can't be made would otherwise show only when all before it are written. */
const refuseTaken = async (path: string): Promise<void> => {
  const there = await lstat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
  if (there) throw taken(path);
};

const create = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'wx');
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? taken(path) : error;
  }
};

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const secretInfo = ({ key, nonce }: ChaCha20Secret, generated: boolean) => ({
  secret: hexOf(key) + hexOf(nonce),
  key: hexOf(key),
  nonce: hexOf(nonce),
  generated_secret: generated,
});

const resultOf = ({ secret, generated }: ForwardParams, total: number, volumes: ForwardInfo['volumes']): ForwardResult => ({
  type: 'result',
  bytes_in: total,
  bytes_out: volumes.reduce((sum, { size }) => sum + size, 0),
  info: {
    encrypted: secret !== undefined,
    total_size: total,
    volume_count: volumes.length,
    volumes,
    ...(secret && secretInfo(secret, generated)),
  },
  message: `${secret === undefined ? 'split' : 'encrypted'} ${formatSize(total)} into ${volumes.length} ${volumes.length === 1 ? 'file' : 'files'}`,
});
