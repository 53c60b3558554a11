import { HydrantError, redactUrl } from '../core/errors.ts';
import { decodePercent } from './octets.ts';

/** Value of an Authorization field for Basic authentication in UTF-8 (RFC 7617 §2). Throws OPTION_INVALID where `user` has a colon. */
export const basicAuthorization = (user: string, password: string): string => {
  if (user.includes(':')) throw new HydrantError('OPTION_INVALID', 'a user name cannot contain a colon');
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`;
};

/** `url` without its `user:pass@`, and the Authorization field that says the same. Throws OPTION_INVALID where it is no URL. */
export const splitUserinfo = (url: string): { readonly url: string; readonly authorization: string | undefined } => {
  if (!URL.canParse(url)) throw new HydrantError('OPTION_INVALID', `"${redactUrl(url)}" is not a URL`, { url });
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return { url, authorization: undefined };
  const authorization = basicAuthorization(decodePercent(parsed.username), decodePercent(parsed.password));
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, authorization };
};
