/**
 * Whether mirrors serve one file. Where no digest is published, samples of bytes held from one source are fetched from
 * every other before its bytes are mixed in; here the votes are counted.
 */

/** Sources that agree with the bytes held (their bringer included), groups of those that don't, and those yet to be asked. */
export interface Votes {
  readonly supporters: number;
  /** Size of the largest group of dissenters that agree with each other. */
  readonly dissenters: number;
  readonly pending: number;
  /** A digest of the whole will decide in the end. */
  readonly digestKnown: boolean;
}

/** Leave the dissenters out; drop what is held and follow them; wait for more votes; or give up, undecided. */
export type Verdict = 'keep' | 'overturn' | 'wait' | 'undecided';

export const verdict = (votes: Votes): Verdict => {
  if (votes.dissenters === 0) return 'keep';
  if (votes.dissenters > votes.supporters) return 'overturn';
  if (votes.supporters > votes.dissenters + votes.pending) return 'keep';
  if (votes.pending > 0) return 'wait';
  if (votes.supporters > votes.dissenters || votes.digestKnown) return 'keep';
  return 'undecided';
};
