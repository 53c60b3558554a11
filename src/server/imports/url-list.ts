import { isSource, type Parts, refused } from './part.ts';

/** One task of a list of URLs: consecutive lines are mirrors of a volume, a blank line begins the next. Throws OPTION_INVALID where there is no URL. */
export const parseUrlList = (text: string): Parts => {
  const volumes: string[][] = [];
  let mirrors: string[] = [];
  let skipped = 0;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line = raw.trim();
    if (line === '') mirrors = [];
    else if (!isSource(line)) skipped++;
    else if (mirrors.push(line) === 1) volumes.push(mirrors);
  }
  if (volumes.length === 0) throw refused('line 1:', 'there is no http or https URL from here on');
  return { tasks: [{ volumes }], skipped, notes: [] };
};
