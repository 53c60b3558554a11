import { HydrantError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';

/** Refuses the first name in `given` that is not among `known`, with the nearest that is. Throws OPTION_INVALID. */
export const refuseUnknown = (given: object, known: readonly string[], what: string): void => {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) throw new HydrantError('OPTION_INVALID', `there is no ${what} "${name}"${didYouMean(name, known)}`);
  }
};
