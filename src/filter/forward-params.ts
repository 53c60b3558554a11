import { randomBytes } from 'node:crypto';
import { parse } from 'node:path';

import type { ChaCha20Secret } from './chacha20.ts';
import { bufferSize, chacha20Id, neededSecret, secretOf, taskSecret } from './chacha20-config.ts';
import { chacha20Descriptor } from './chacha20-descriptor.ts';
import { configOf, flagAt, refused, sizeAt, textAt } from './config.ts';
import type { SplitMode } from './volumes.ts';

/** What a client asks of the tool, each part as the wire has it; `global` is the stored configuration. */
export interface ForwardRequest {
  readonly task?: unknown;
  readonly params?: unknown;
  readonly global?: unknown;
}

/** A request that makes sense. No `secret`: the file is only split. */
export interface ForwardParams {
  readonly input: string;
  readonly outputDirectory: string;
  readonly prefix: (inputName: string) => string;
  readonly suffix: string;
  /** 0: a single file. */
  readonly maxVolume: number;
  readonly mode: SplitMode;
  readonly secret: ChaCha20Secret | undefined;
  readonly generated: boolean;
  readonly bufferSize: number;
}

const keys = chacha20Descriptor.forward_fields.map((field) => field.key);
const control = /[\p{Cc}/\\]/u;

const namePart = (key: string, text: string): string => {
  if (control.test(text) || text.includes('..'))
    throw refused(chacha20Id, `${key} is part of a name: no "..", separators or control characters`);
  return text;
};

/** Reads a request. A missing secret is made where that is allowed. Throws OPTION_INVALID. */
export const forwardParams = (request: ForwardRequest): ForwardParams => {
  const given = configOf(chacha20Id, request.params, keys);
  const text = (key: string): string => textAt(chacha20Id, given, key);
  for (const key of ['input_path', 'output_dir']) if (text(key) === '') throw refused(chacha20Id, `${key} is needed`);
  const mode = text('split_mode') || 'random';
  if (mode !== 'random' && mode !== 'fixed') throw refused(chacha20Id, 'split_mode is random or fixed');
  const encrypt = flagAt(chacha20Id, given, 'encrypt', true);
  const generate = flagAt(chacha20Id, given, 'generate_missing', true);
  const prefix = namePart('filename_prefix', text('filename_prefix'));
  const known = encrypt ? (generate ? taskSecret(request.task) : neededSecret(request.task)) : undefined;
  const generated = encrypt && known === undefined;
  return {
    input: text('input_path'),
    outputDirectory: text('output_dir'),
    prefix: (inputName) => prefix || parse(inputName).name,
    suffix: namePart('volume_suffix', text('volume_suffix')) || (encrypt ? '.part{N}.enc' : '.part{N}'),
    maxVolume: sizeAt(chacha20Id, given, 'max_volume_size') ?? 0,
    mode,
    secret: generated ? secretOf(randomBytes(44).toString('hex')) : known,
    generated,
    bufferSize: bufferSize(request.global),
  };
};
