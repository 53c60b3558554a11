import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { makeFolder } from '../client/make-folder.ts';
import { HydrantError } from '../core/errors.ts';
import { writeAtomically } from '../store/atomic-file.ts';
import type { AddressPolicy } from '../transport/address-policy.ts';
import { type Bind, isLocal, isLoopback } from './bind.ts';
import { givenToken } from './given-token.ts';
import type { PublicUrl } from './public-url.ts';
import { makeToken, tokenOf } from './token.ts';

/** What decides who may use the server. */
export interface AccessOptions {
  readonly binds: readonly Bind[];
  readonly publicUrl: PublicUrl | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly auth: boolean;
  readonly upstreamPolicy: AddressPolicy | undefined;
  readonly stateFile: string;
}

/** Who may use the server, and what for. */
export interface Access {
  /** Undefined: nobody needs one. */
  readonly token: string | undefined;
  /** Where a token is kept that was not given. */
  readonly tokenPath: string | undefined;
  /** Whether that was made now: nobody knows it yet. */
  readonly made: boolean;
  readonly policy: AddressPolicy;
  /** Whether only this machine reaches the server: short links may then be as short as the ancestor's. */
  readonly local: boolean;
}

/**
 * Decides who may use the server. One that others than this machine reach, because it listens elsewhere or is published
 * there, needs a token, which is made where none is given, and kept beside the state file, so that it is the same after a
 * restart. Throws OPTION_INVALID or STORE_FAILED.
 */
export const accessOf = async (options: AccessOptions): Promise<Access> => {
  const published = options.publicUrl !== undefined && !isLoopback(options.publicUrl.host.replace(/^\[(.*)\]$/, '$1'));
  const local = options.binds.every(isLocal) && !published;
  const given = await givenToken(options);
  if (given !== undefined && !options.auth) throw new HydrantError('OPTION_INVALID', '--no-auth and a token exclude each other');
  const kept = given === undefined && options.auth && !local ? await keptToken(options.stateFile) : undefined;
  const token = given ?? kept?.token;
  const policy = options.upstreamPolicy ?? (local && token === undefined ? 'any' : 'public');
  return { token, tokenPath: kept?.path, made: kept?.made ?? false, policy, local };
};

const keptToken = async (stateFile: string): Promise<{ token: string; path: string; made: boolean }> => {
  const path = `${stateFile.replace(/\.json$/, '')}.token`;
  try {
    const text = await readFile(path, 'utf8').catch(unlessMissing);
    if (text !== undefined) return { token: tokenOf(text.trim(), `the token in ${path}`), path, made: false };
    const token = makeToken();
    await makeFolder(dirname(path));
    await writeAtomically(path, `${token}\n`, { mode: 0o600 });
    return { token, path, made: true };
  } catch (error) {
    if (error instanceof HydrantError) throw error;
    throw new HydrantError('STORE_FAILED', `the token cannot be kept in ${path}: ${(error as Error).message}`, { cause: error });
  }
};

const unlessMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
};
