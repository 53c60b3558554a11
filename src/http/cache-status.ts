/**
 * How the cache served a request. `ttl` is how long it stays fresh in milliseconds, below 0 where a stale one was served;
 * `status` what a source answered, `stored` whether its answer is kept, `collapsed` whether the request joined one that
 * was under way; `detail` anything more, for people.
 */
export type CacheUse =
  | { readonly kind: 'hit'; readonly ttl?: number; readonly detail?: string }
  | {
      /** Nothing was here; some of it was; what was here was too old; the task has no cache. */
      readonly kind: 'miss' | 'partial' | 'stale' | 'bypass';
      readonly status?: number;
      readonly stored?: boolean;
      readonly collapsed?: boolean;
      readonly detail?: string;
    };

const token = /^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*$/;
const largest = 999_999_999_999_999;

/** An Item of RFC 8941 §3.3: as token where it can be one, else as string, which is ASCII alone. */
const itemOf = (text: string): string => (token.test(text) ? text : `"${text.replace(/[^\x20-\x7e]/gu, '?').replace(/["\\]/g, '\\$&')}"`);

/** Value of the Cache-Status field of our answer (RFC 9211 §2). */
export const cacheStatus = (use: CacheUse): string => {
  const parameters: string[] = [];
  if (use.kind === 'hit') {
    parameters.push('hit');
    if (use.ttl !== undefined) parameters.push(`ttl=${Math.max(-largest, Math.min(Math.floor(use.ttl / 1000), largest))}`);
  } else {
    parameters.push(`fwd=${use.kind}`);
    if (use.status !== undefined) parameters.push(`fwd-status=${use.status}`);
    if (use.stored) parameters.push('stored');
    if (use.collapsed) parameters.push('collapsed');
  }
  if (use.detail !== undefined) parameters.push(`detail=${itemOf(use.detail)}`);
  return ['hydrant', ...parameters].join('; ');
};
