import { HydrantError, redactUrl } from '../core/errors.ts';

/** Where clients find the server when that is not where it listens. */
export interface PublicUrl {
  /** Without a slash at its end. */
  readonly href: string;
  readonly origin: string;
  /** The host's name, IPv6 in brackets. */
  readonly host: string;
  /** Path below which the server is served: empty, or `/like/this`. */
  readonly base: string;
}

/** Reads `--public-url`. Throws OPTION_INVALID. */
export const parsePublicUrl = (text: string): PublicUrl => {
  const refuse = (why: string): HydrantError => new HydrantError('OPTION_INVALID', `--public-url "${redactUrl(text)}" ${why}`);
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw refuse('is no http or https URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw refuse('has more than a host and a path');
  const base = url.pathname.replace(/\/+$/, '');
  return { href: `${url.origin}${base}`, origin: url.origin, host: url.hostname, base };
};

/** Reads `--allow-origin`. Throws OPTION_INVALID. */
export const parseOrigin = (text: string): string => {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (/^https?:\/\//i.test(origin) && text.replace(/\/$/, '').toLowerCase() === origin) return origin;
  const hint = origin === 'null' ? 'https://player.example.org' : origin;
  throw new HydrantError('OPTION_INVALID', `--allow-origin "${redactUrl(text)}" is no origin; write it like ${hint}`);
};

/** Reads `--allow-host`: a name without a port. Throws OPTION_INVALID. */
export const parseAllowedHost = (text: string): string => {
  if (/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/i.test(text)) return text.toLowerCase();
  throw new HydrantError(
    'OPTION_INVALID',
    `--allow-host ${JSON.stringify(text)} is no host; write its name alone, without scheme and port`,
  );
};
