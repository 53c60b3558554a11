import type { FileSpec } from '../client/file-spec.ts';
import { HydrantError } from '../core/errors.ts';
import { checkUrl } from './urls.ts';

/** URLs of a list in HydraStream's format: one per line, `#` comments, blank lines; what follows the first word of a line is ignored. */
export const linksIn = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/\s+/)[0] ?? '');

/** The valid ones of `links`, each once, where it stood first; every other one is told to `warn`. */
export const validLinks = (links: readonly string[], warn: (message: string) => void): readonly string[] => {
  const valid = new Set<string>();
  for (const link of new Set(links)) {
    try {
      valid.add(checkUrl(link.trim()));
    } catch (error) {
      if (!(error instanceof HydrantError)) throw error;
      warn(`${error.message}; skipped`);
    }
  }
  return [...valid];
};

/** One file per URL. */
export const filesOf = (links: readonly string[], headers: Readonly<Record<string, string>>): readonly FileSpec[] =>
  links.map((url) => ({ volumes: [[{ url, headers }]] }));
