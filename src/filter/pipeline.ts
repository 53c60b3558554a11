import type { Filter } from '../core/ports.ts';

/** The filters of a list as one: on the way out the last of the list comes first. Undefined where there are none. */
export const pipeline = (filters: readonly Filter[]): Filter | undefined => {
  if (filters.length < 2) return filters[0];
  const inOrder = filters.toReversed();
  return {
    check: (length) => {
      for (const filter of inOrder) filter.check(length);
    },
    apply: (offset, bytes) => inOrder.reduce((changed, filter) => filter.apply(offset, changed), bytes),
  };
};
