import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';

import { Entry } from '../../src/cache/entry.ts';
import { storeContract } from '../../src/testing/store-contract.ts';
import { factsOf } from './facts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hydrant-entry-'));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const somewhere = () => join(folder, `${count++}`);

storeContract({ describe, it }, 'Entry', () => Entry.open(somewhere(), factsOf()));
