import { HydrantError, redactUrl } from '../core/errors.ts';
import type { Sources } from '../engine/sources.ts';

/** What people are told who give a Metalink in place of what it lists. */
export const noMetalinkYet = 'is a Metalink, and Metalink is not available yet: give the URLs in it';

const types = ['application/metalink4+xml', 'application/metalink+xml'];

/** Throws OPTION_INVALID where a source that has answered turns out to be a Metalink (RFC 5854 §7.1), whatever its name. */
export const refuseMetalinks = (sources: Sources): void => {
  const source = sources.all.find(({ representation }) => types.includes(representation?.type?.toLowerCase() ?? ''));
  if (source === undefined) return;
  const { url } = source.spec;
  throw new HydrantError('OPTION_INVALID', `"${redactUrl(url)}" ${noMetalinkYet}`, { url });
};
