import type { EntryFacts } from '../../src/cache/entry-facts.ts';

/** Facts of a file of `length` bytes, with `others` in place of the usual ones. */
export const factsOf = (length?: number, others: Partial<EntryFacts> = {}): EntryFacts => ({
  length,
  volumes: [],
  etag: '"1"',
  lastModified: undefined,
  type: 'video/mp4',
  name: undefined,
  urls: ['http://127.0.0.1/f'],
  url: undefined,
  validatedAt: 0,
  lifetime: undefined,
  ...others,
});
