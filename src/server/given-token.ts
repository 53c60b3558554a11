import { readFile } from 'node:fs/promises';

import { HydrantError } from '../core/errors.ts';
import { tokenOf } from './token.ts';

/** The token in `--token` or the first line of `--token-file`; undefined where neither is given. Throws OPTION_INVALID. */
export const givenToken = async (options: {
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
}): Promise<string | undefined> => {
  const { token, tokenFile } = options;
  if (token !== undefined) return tokenOf(token, '--token');
  if (tokenFile === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(tokenFile, 'utf8');
  } catch (error) {
    throw new HydrantError('OPTION_INVALID', `--token-file cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return tokenOf(text.split(/\r?\n/)[0]?.trim() ?? '', `the token in ${tokenFile}`);
};
