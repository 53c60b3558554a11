/** The word of `words` that `word` was probably meant to be; undefined where none is near. */
export const nearest = (word: string, words: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of words) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) {
      best = candidate;
      least = edits;
    }
  }
  return best ?? onlyPrefixed(word, words);
};

/** ` (did you mean X?)`, or nothing where no word is near. `shown` puts the word as the user writes it. */
export const didYouMean = (word: string, words: Iterable<string>, shown = (near: string): string => near): string => {
  const near = nearest(word, words);
  return near === undefined ? '' : ` (did you mean ${shown(near)}?)`;
};

const onlyPrefixed = (word: string, words: Iterable<string>): string | undefined => {
  const matches = word.length < 3 ? [] : [...words].filter((candidate) => candidate.startsWith(word));
  return matches.length === 1 ? matches[0] : undefined;
};

/** Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`. */
const distance = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let edits = Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
};
