import { noMetalinkYet } from '../client/metalink.ts';
import { redactUrl } from '../core/errors.ts';
import { invalid } from '../core/option-value.ts';

/** `text` if it is an http or https URL with a host. Throws OPTION_INVALID that begins with `place`, if there is one. */
export const checkUrl = (text: string, place = ''): string => {
  const shown = `${place === '' ? '' : `${place} `}"${redactUrl(text)}"`;
  if (/\.(?:meta4|metalink)$/i.test(text.replace(/[?#].*$/s, ''))) throw invalid(shown, noMetalinkYet);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const bare = /^[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?(?:\/|$)/i.test(text);
    throw invalid(shown, `is no http or https URL${bare ? `; write https://${redactUrl(text)}` : ''}`);
  }
  if (scheme !== 'http' && scheme !== 'https') throw invalid(shown, `is no http or https URL: ${scheme} is not known`);
  if (!URL.canParse(text)) throw invalid(shown, 'is no URL that can be read: its host or port is not valid');
  return text;
};
