import { redactUrl } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';

/** Where a running server is: over TCP, or through a socket file. `base` is the path below which it is served. */
export interface ServerAddress {
  /** As people know it. */
  readonly text: string;
  readonly secure: boolean;
  readonly base: string;
  readonly place: { readonly host: string; readonly port: number } | { readonly socketPath: string };
}

/** Reads `--server`: an http or https URL, or `unix:PATH`. Throws OPTION_INVALID. */
export const parseServer = (text: string): ServerAddress => {
  if (text.startsWith('unix:') && text.length > 'unix:'.length) {
    return { text, secure: false, base: '', place: { socketPath: text.slice('unix:'.length) } };
  }
  const shown = `--server "${redactUrl(text)}"`;
  if (!/^https?:\/\//i.test(text)) {
    throw invalid(shown, `is neither an http or https URL nor unix:PATH${/^[\w.-]+(?::\d+)?$/.test(text) ? `; write http://${text}` : ''}`);
  }
  if (!URL.canParse(text)) throw invalid(shown, 'is no URL that can be read');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw invalid(shown, 'has a user in it; --token is what the server asks for');
  if (url.search !== '' || url.hash !== '') throw invalid(shown, 'has more than a host and a path');
  const secure = url.protocol === 'https:';
  const base = url.pathname.replace(/\/+$/, '');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { text: `${url.origin}${base}`, secure, base, place: { host, port: Number(url.port) || (secure ? 443 : 80) } };
};
