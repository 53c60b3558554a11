import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Absolute path of an installed program; undefined where there is none. Debian keeps servers where users don't look. */
export const installed = (program: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].map((folder) => join(folder, program)).find(executable);

/**
 * A `describe` for suites that need this program: without it they are skipped, by name, or run and fail where
 * HYDRANT_REQUIRE_ALL=1.
 */
export const needs = (program: string): ((name: string, suite: () => void) => void) => {
  const there = installed(program) !== undefined || process.env.HYDRANT_REQUIRE_ALL === '1';
  return (name, suite) => (there ? describe(name, suite) : describe.skip(`${name} (needs ${program}, which is not installed)`, suite));
};
