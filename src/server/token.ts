import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { HydrantError } from '../core/errors.ts';

const shortest = 8;
const sessionAge = 30 * 86_400_000;

/** `text` as a token. Throws OPTION_INVALID, beginning with `place`, for one that no header can carry or that is soon guessed. */
export const tokenOf = (text: string, place: string): string => {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new HydrantError('OPTION_INVALID', `${place} has printable ASCII characters only, and no blanks`);
  if (text.length < shortest) throw new HydrantError('OPTION_INVALID', `${place} has at least ${shortest} characters`);
  return text;
};

/** A token that nobody guesses: 160 bits. */
export const makeToken = (): string => randomBytes(20).toString('base64url');

/** Whether `given` is `token`; takes as long for one as for the other. */
export const isToken = (given: string, token: string): boolean => timingSafeEqual(sum(given), sum(token));

/** What the page's cookie holds: until when it counts, signed with the token. A new token ends all sessions. */
export const sessionOf = (token: string, now: number): string => {
  const end = Math.floor((now + sessionAge) / 1000).toString(36);
  return `${end}.${signature(token, end)}`;
};

/** Whether `cookie` is a session that still counts. */
export const isSession = (cookie: string, token: string, now: number): boolean => {
  const [, end, signed] = /^([0-9a-z]{1,10})\.([\w-]{43})$/.exec(cookie) ?? [];
  if (end === undefined || signed === undefined || !isToken(signed, signature(token, end))) return false;
  return Number.parseInt(end, 36) * 1000 > now;
};

/** Seconds after which a session's cookie goes. */
export const sessionSeconds = sessionAge / 1000;

const signature = (token: string, end: string): string => createHmac('sha256', token).update(`hydrant session ${end}`).digest('base64url');

const sum = (text: string): Buffer => createHash('sha256').update(text).digest();
