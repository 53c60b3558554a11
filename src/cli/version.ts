import { createRequire } from 'node:module';

/** hydrant's version, as its package says. */
export const version = (): string => String((createRequire(import.meta.url)('hydrant/package.json') as { version: unknown }).version);
