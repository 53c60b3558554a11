import { HydrantError, redactUrl } from '../core/errors.ts';

/** What people are told who give a Metalink in place of what it lists. */
export const noMetalinkYet = 'is a Metalink, and Metalink is not available yet: give the URLs in it';

const types = ['application/metalink4+xml', 'application/metalink+xml'];

/** Throws OPTION_INVALID where what answers at `url` is of the media type of a Metalink (RFC 5854 §7.1), whatever its name. */
export const refuseMetalink = (url: string, type: string | undefined): void => {
  if (!types.includes(type?.toLowerCase() ?? '')) return;
  throw new HydrantError('OPTION_INVALID', `"${redactUrl(url)}" ${noMetalinkYet}`, { url });
};
