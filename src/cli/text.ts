/** Control, bidirectional and other invisible characters, which must not reach a terminal from a server's words. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** `text` in one line that moves no cursor and hides nothing. */
export const printable = (text: string): string => text.replace(unprintable, (character) => (/\s/.test(character) ? ' ' : '\ufffd'));

/** Columns that printable `text` takes on a terminal. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const character of text) width += /\p{Mn}/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
};

/** `text` in at most `width` columns: its middle goes, since names differ at their ends. */
export const shortened = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  if (width < 2) return width === 1 ? '…' : '';
  const characters = [...text];
  const tail = Math.floor((width - 1) / 2);
  return `${taken(characters, width - 1 - tail).join('')}…${taken(characters.reverse(), tail).reverse().join('')}`;
};

/** `text` with blanks after it up to `width` columns. */
export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** `text` broken at blanks into lines of at most `width` columns. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

const taken = (characters: readonly string[], width: number): string[] => {
  const kept: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += widthOf(character);
    if (used > width) break;
    kept.push(character);
  }
  return kept;
};
