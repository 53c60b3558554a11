import { createHash } from 'node:crypto';

import type { Fingerprint } from '../core/ports.ts';

/** A running SHA-256. */
export const fingerprint = (): Fingerprint => {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    value: () => hash.copy().digest('hex'),
  };
};
