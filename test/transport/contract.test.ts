import { describe, it } from 'vitest';

import { transportContract } from '../../src/testing/transport-contract.ts';
import { GeneralTransport } from '../../src/transport/general.ts';

transportContract({ describe, it }, 'GeneralTransport', () => new GeneralTransport());
