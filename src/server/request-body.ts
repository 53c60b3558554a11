import { HydrantError } from '../core/errors.ts';
import { mediaType } from '../http/headers.ts';
import { Refusal } from './refusal.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The body of `request` as text. Throws a Refusal with 413 where it is longer than `most` bytes. */
export const bodyText = async (request: Request, most: number): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const refuse = (): Refusal => new Refusal(413, `the body is longer than ${most} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > most) throw refuse();
  for await (const piece of request.body ?? []) {
    length += piece.length;
    if (length > most) throw refuse();
    pieces.push(piece);
  }
  try {
    return decoder.decode(Buffer.concat(pieces));
  } catch {
    throw new HydrantError('OPTION_INVALID', 'the body is not UTF-8');
  }
};

/**
 * The JSON body of `request`; undefined where it has none and needs none. Throws a Refusal with 413 or 415, and
 * OPTION_INVALID where it is not JSON.
 */
export const jsonBody = async (request: Request, most: number, needed: boolean): Promise<unknown> => {
  const type = mediaType(request.headers.get('content-type') ?? undefined);
  if (type === undefined && !needed) {
    if ((await bodyText(request, most)) === '') return undefined;
    throw new Refusal(415, 'the body needs the Content-Type application/json');
  }
  if (type === undefined || !(type === 'application/json' || type.endsWith('+json'))) {
    throw new Refusal(415, `the body is JSON, with the Content-Type application/json${type === undefined ? '' : `, not ${type}`}`);
  }
  const text = await bodyText(request, most);
  if (text === '' && !needed) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HydrantError('OPTION_INVALID', `the body is not JSON: ${(error as Error).message}`);
  }
};
